import type { ImagePart, Part, ToolCallPart, ToolResultPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { parsedJson, parsedObject } from '../json-text.ts';
import { encodeProof, foreignSeal } from '../thought-envelope.ts';
import { DIALECT, isProviderCall, isProviderResult } from './wire.ts';

// What requests and answers write alike.

/** Whether a part's signature, or encrypted data, is one that providers of this format can read. */
export function isOwn({ origin }: Part): boolean {
  return origin === '' || origin === DIALECT;
}

/** The members of a block that its part keeps as a signature. */
export function proofMembers(part: Part): JsonObject {
  return part.origin === DIALECT && part.signature !== '' ? (parsedObject(part.signature) ?? {}) : {};
}

/** The block, beside a call of another format, that holds its signature; undefined where there is none. */
export function encodeSeal(part: Part): JsonObject | undefined {
  const seal = foreignSeal(part, DIALECT);
  return seal && { type: 'redacted_thinking', data: encodeProof(seal) };
}

/** A picture that a model made, in the block that requests have for pictures; undefined for a file of another provider. */
export function encodePicture({ source }: ImagePart): JsonObject | undefined {
  switch (source?.location.case) {
    case 'data': {
      const data = source.location.value.toBase64();
      return { type: 'image', source: { type: 'base64', media_type: source.mediaType || 'image/png', data } };
    }
    case 'url':
      return { type: 'image', source: { type: 'url', url: source.location.value } };
    default:
      return undefined;
  }
}

/** A call of a tool that a provider of this format ran; undefined for other providers' tools. */
export function encodeProviderCall(part: Part, call: ToolCallPart): JsonObject | undefined {
  if (!isProviderCall(call.type)) return undefined;
  const input = parsedObject(call.input.value ?? '') ?? {};
  return { ...proofMembers(part), type: call.type, id: call.id, name: call.name, input };
}

/** What such a tool answered; undefined for other providers' tools. */
export function encodeProviderResult(part: Part, result: ToolResultPart): JsonObject | undefined {
  const content = result.parts[0]?.kind;
  if (!isProviderResult(result.type) || content?.case !== 'raw' || content.value.dialect !== DIALECT) return undefined;
  const answer = parsedJson(content.value.json);
  if (answer === undefined) return undefined;
  const members = { ...proofMembers(part), type: result.type, tool_use_id: result.callId, content: answer };
  return result.type === 'mcp_tool_result' ? { ...members, is_error: result.isError } : members;
}
