import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { objectsOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { foreignPart, isForeignProof } from '../thought-envelope.ts';
import { decodeAnnotations } from './annotations.ts';
import { DIALECT } from './wire.ts';

type Kind = Exclude<Extract<MessageInitShape<typeof PartSchema>, { $typeName?: never }>['kind'], undefined>;

/** A part under its item's id, which means something to providers of this format alone. */
export function itemPart(kind: Kind, itemId: string): Part {
  return create(PartSchema, { kind, ...(itemId !== '' && { itemId, origin: DIALECT }) });
}

/** The parts of one item of an answer, or of one that came back with a request. Items of other kinds are kept whole. */
export function itemParts(item: JsonObject, position: number): Part[] {
  const id = stringOf(item['id']);
  switch (item['type']) {
    case 'message':
      return objectsOf(item['content']).map((entry) => itemPart(contentKind(entry), id));
    case 'reasoning':
      return reasoningParts(item);
    case 'function_call':
    case 'custom_tool_call':
      return [itemPart(callKind(item, position), id)];
    default:
      return [rawPart(item)];
  }
}

/** One entry of the content of an assistant's message. */
export function contentKind(entry: JsonObject): Kind {
  switch (entry['type']) {
    case 'output_text':
    case 'input_text':
    case 'text': {
      const annotations = decodeAnnotations(entry['annotations']);
      return { case: 'text', value: { text: stringOf(entry['text']), annotations } };
    }
    case 'refusal':
      return { case: 'refusal', value: { text: stringOf(entry['refusal']) } };
    case 'reasoning_text':
      return { case: 'reasoning', value: { text: stringOf(entry['text']) } };
    default:
      return { case: 'raw', value: { dialect: DIALECT, json: textOfAnswer(entry) } };
  }
}

export function rawPart(item: JsonObject): Part {
  return itemPart({ case: 'raw', value: { dialect: DIALECT, json: textOfAnswer(item) } }, stringOf(item['id']));
}

/**
 * Summaries, then thoughts, then what only the provider can read, each a part of its own; the id they share makes one item
 * of them again. Thoughts that are hidden altogether are an empty part, because the provider wants the item back.
 */
function reasoningParts(item: JsonObject): Part[] {
  const id = stringOf(item['id']);
  const part = (value: { text?: string; summary?: boolean; redactedData?: string }): Part =>
    itemPart({ case: 'reasoning', value }, id);
  const encrypted = stringOf(item['encrypted_content']);
  if (isForeignProof(encrypted)) return [foreignPart(wordsOf(item), encrypted)];
  const parts = [
    ...objectsOf(item['summary']).map(({ text }) => part({ text: stringOf(text), summary: true })),
    ...objectsOf(item['content']).map(({ text }) => part({ text: stringOf(text) })),
    ...(encrypted === '' ? [] : [encryptedPart(encrypted, id)]),
  ];
  return parts.length === 0 ? [part({})] : parts;
}

/** All that an item says, in one. */
function wordsOf(item: JsonObject): string {
  const texts = [...objectsOf(item['summary']), ...objectsOf(item['content'])];
  return texts.map(({ text }) => stringOf(text)).join('');
}

export function encryptedPart(redactedData: string, id: string): Part {
  return create(PartSchema, {
    kind: { case: 'reasoning', value: { redactedData } },
    itemId: id,
    origin: DIALECT,
  });
}

/** An id that is missing is derived from the item's position, so that results can refer to the call. */
export function callKind(item: JsonObject, position: number): Kind {
  const custom = item['type'] === 'custom_tool_call';
  return {
    case: 'toolCall',
    value: {
      id: stringOf(item['call_id']) || stringOf(item['id']) || `call_${position}`,
      name: stringOf(item['name']),
      input: custom
        ? { case: 'text', value: stringOf(item['input']) }
        : { case: 'argumentsJson', value: argumentsText(item['arguments']) },
    },
  };
}

/** Arguments are JSON text; some servers send the JSON itself. */
export function argumentsText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : textOfAnswer(value);
}
