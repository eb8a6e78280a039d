import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import { decodeBase64 } from '../data-url.ts';
import { objectOf, objectsOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { decodeCitation } from './citations.ts';
import { IMAGE_FORMATS, mediaTypeOf } from './media-formats.ts';
import { toolNameOf } from './tool-names.ts';
import { DIALECT, JSON_TOOL } from './wire.ts';

type Kind = Exclude<Extract<MessageInitShape<typeof PartSchema>, { $typeName?: never }>['kind'], undefined>;

const part = (kind: Kind): Part => create(PartSchema, { kind });

/** The content blocks of an answer as parts. Blocks that the contract has nothing for stay as they are; empty texts are none. */
export function decodeBlocks(content: readonly JsonObject[]): Part[] {
  return content.flatMap((block, index) => decodeBlock(block, index));
}

function decodeBlock(block: JsonObject, index: number): Part[] {
  const text = block['text'];
  if (typeof text === 'string') return text === '' ? [] : [part({ case: 'text', value: { text } })];
  const reasoning = objectOf(block['reasoningContent']);
  if (reasoning !== undefined) return [reasoningPart(reasoning)];
  const call = objectOf(block['toolUse']);
  if (call !== undefined) {
    const input = inputText(call['input']);
    return [isJsonCall(call) ? part({ case: 'text', value: { text: input } }) : callPart(call, input, index)];
  }
  const cited = objectOf(block['citationsContent']);
  if (cited !== undefined) return [citedPart(cited)];
  const image = objectOf(block['image']);
  if (image !== undefined) return [imagePart(image)];
  return [rawPart(block)];
}

/** Whether a call is not the model's wish but the form of its answer. */
export function isJsonCall(call: JsonObject): boolean {
  return call['name'] === JSON_TOOL;
}

/** The input of a call as JSON text; some models write the text itself. */
function inputText(input: JsonValue | undefined): string {
  return typeof input === 'string' ? input : textOfAnswer(input ?? {});
}

/** A call with such an input. An id that is missing is derived from the block's place. */
export function callPart(call: JsonObject, input: string, index: number): Part {
  const type = stringOf(call['type']);
  return part({
    case: 'toolCall',
    value: {
      id: stringOf(call['toolUseId']) || `call_${index}`,
      name: toolNameOf(stringOf(call['name'])),
      input: { case: 'argumentsJson', value: input },
      ...(type !== '' && { type, providerExecuted: type === 'server_tool_use' }),
    },
  });
}

function reasoningPart(reasoning: JsonObject): Part {
  const redactedData = stringOf(reasoning['redactedContent']);
  if (redactedData !== '') return redactedPart(redactedData);
  const thought = objectOf(reasoning['reasoningText']) ?? {};
  const signature = stringOf(thought['signature']);
  return create(PartSchema, {
    kind: { case: 'reasoning', value: { text: stringOf(thought['text']) } },
    ...(signature !== '' && { signature, origin: DIALECT }),
  });
}

/** Thinking that only the provider can read, in base64. */
export function redactedPart(redactedData: string): Part {
  return create(PartSchema, { kind: { case: 'reasoning', value: { redactedData } }, origin: DIALECT });
}

function citedPart(cited: JsonObject): Part {
  const text = objectsOf(cited['content'])
    .map((piece) => stringOf(piece['text']))
    .join('');
  const annotations = objectsOf(cited['citations']).map((citation) => decodeCitation(citation, text.length));
  return part({ case: 'text', value: { text, annotations } });
}

/** A picture, or its beginning, which has no bytes yet. */
export function imagePart(image: JsonObject): Part {
  const value = imageBytes(objectOf(image['source']) ?? {});
  const mediaType = mediaTypeOf(IMAGE_FORMATS, stringOf(image['format']));
  return part({ case: 'image', value: { source: { location: { case: 'data', value }, mediaType } } });
}

/** Throws AttemptError MALFORMED. */
export function imageBytes(source: JsonObject): Uint8Array {
  const data = decodeBase64(stringOf(source['bytes']));
  if (data === undefined) throw new AttemptError('MALFORMED', 'The provider sent a picture that is not base64.');
  return data;
}

export function rawPart(block: JsonObject): Part {
  return part({ case: 'raw', value: { dialect: DIALECT, json: textOfAnswer(block) } });
}
