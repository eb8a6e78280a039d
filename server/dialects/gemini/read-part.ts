import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { listOf, objectOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { decodeMedia } from './media.ts';
import { DIALECT } from './wire.ts';

type Kind = Exclude<Extract<MessageInitShape<typeof PartSchema>, { $typeName?: never }>['kind'], undefined>;

/**
 * A part of a request's or an answer's content. callId: of the call that the part is or answers, where it names none.
 * Code that the provider runs, its results, and what we do not know stay as they are.
 */
export function readPart(json: JsonObject, callId: string): Part {
  const signature = stringOf(json['thoughtSignature']);
  const kind = kindOf(json, callId);
  if (kind !== undefined) return create(PartSchema, { kind, signature, origin: signature === '' ? '' : DIALECT });
  const media = decodeMedia(json);
  if (media !== undefined) return Object.assign(media, signature === '' ? {} : { signature, origin: DIALECT });
  return create(PartSchema, { kind: { case: 'raw', value: { dialect: DIALECT, json: textOfAnswer(json) } } });
}

function kindOf(json: JsonObject, callId: string): Kind | undefined {
  const { text } = json;
  // Google shows summaries of thoughts, not the thoughts themselves.
  if (typeof text === 'string') {
    return json['thought'] === true
      ? { case: 'reasoning', value: { text, summary: true } }
      : { case: 'text', value: { text } };
  }
  const call = objectOf(json['functionCall']);
  if (call !== undefined) return { case: 'toolCall', value: readCall(call, callId) };
  const result = objectOf(json['functionResponse']);
  if (result !== undefined) return { case: 'toolResult', value: readResult(result, callId) };
  return undefined;
}

type Call = Extract<Kind, { case: 'toolCall' }>['value'];

/** A call without arguments has no args. */
export function readCall(call: JsonObject, callId: string): Call {
  const args = textOfAnswer(objectOf(call['args']) ?? {});
  return {
    id: stringOf(call['id']) || callId,
    name: stringOf(call['name']),
    input: { case: 'argumentsJson', value: args },
  };
}

type Result = Extract<Kind, { case: 'toolResult' }>['value'];

/** The members by which a response says that it holds one text. https://ai.google.dev/api/caching#FunctionResponse */
const TEXT_MEMBERS: ReadonlySet<string> = new Set(['output', 'result', 'error']);

function readResult(result: JsonObject, callId: string): Result {
  const response = objectOf(result['response']) ?? {};
  const text = wordsOf(response);
  return {
    callId: stringOf(result['id']) || callId,
    name: stringOf(result['name']),
    isError: text !== undefined && 'error' in response,
    parts: [
      create(PartSchema, { kind: { case: 'text', value: { text: text ?? textOfAnswer(response) } } }),
      ...listOf(result['parts']).flatMap((part: JsonValue) => decodeMedia(objectOf(part) ?? {}) ?? []),
    ],
  };
}

/** The one text that a response holds; undefined where it is an object of its own. */
export function wordsOf(response: JsonObject): string | undefined {
  const [only, ...others] = Object.entries(response);
  if (only === undefined || others.length > 0) return undefined;
  const [name, value] = only;
  return TEXT_MEMBERS.has(name) && typeof value === 'string' ? value : undefined;
}
