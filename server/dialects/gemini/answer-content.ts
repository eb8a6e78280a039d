import type { Part, ToolCallPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { parsedObject } from '../json-text.ts';
import { DIALECT, isDerivedCallId, isOwn } from './wire.ts';

/** A part of an answer as the caller reads it; none for what this format cannot show. */
export function encodeAnswerPart(part: Part): JsonObject[] {
  const signature = part.signature !== '' && isOwn(part) ? { thoughtSignature: part.signature } : {};
  if (isHidden(part) && part.signature === '') return [];
  return bareParts(part).map((json, at) => (at === 0 ? { ...json, ...signature } : json));
}

/** Thoughts that only their own provider can read: without words there is nothing to show. */
function isHidden({ kind }: Part): boolean {
  return kind.case === 'reasoning' && kind.value.text === '' && kind.value.redactedData !== '';
}

function bareParts({ kind }: Part): JsonObject[] {
  switch (kind.case) {
    case 'text':
    case 'refusal':
      return [{ text: kind.value.text }];
    case 'reasoning':
      return [{ text: kind.value.text, thought: true }];
    case 'toolCall':
      return encodeAnswerCall(kind.value);
    case 'image':
    case 'file':
      return encodeBytes(kind.value.source);
    case 'audio':
      // What is said is text to callers that do not hear it.
      return [
        ...(kind.value.transcript === '' ? [] : [{ text: kind.value.transcript }]),
        ...encodeBytes(kind.value.source),
      ];
    case 'raw':
      return kind.value.dialect === DIALECT ? [parsedObject(kind.value.json) ?? {}] : [];
    default:
      return [];
  }
}

/** Tools that another provider ran are not the caller's to run: as calls of this format they would be. */
export function encodeAnswerCall({ id, name, input, providerExecuted }: ToolCallPart): JsonObject[] {
  if (providerExecuted) return [];
  const text = input.value ?? '';
  const args = input.case === 'text' ? { input: text } : (parsedObject(text === '' ? '{}' : text) ?? { input: text });
  return [{ functionCall: { ...(id !== '' && !isDerivedCallId(id) && { id }), name, args } }];
}

type Source = NonNullable<Extract<Part['kind'], { case: 'image' }>['value']['source']>;

function encodeBytes(source: Source | undefined): JsonObject[] {
  const mimeType = source?.mediaType || 'application/octet-stream';
  switch (source?.location.case) {
    case 'data':
      return [{ inlineData: { mimeType, data: source.location.value.toBase64() } }];
    case 'url':
    case 'fileId':
      return [{ fileData: { mimeType, fileUri: source.location.value } }];
    default:
      return [];
  }
}
