import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type CacheControl, CacheControlSchema, type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import { decodeBase64 } from '../data-url.ts';
import {
  asPlace,
  badField,
  optionalObject,
  optionalString,
  type Place,
  pathOf,
  requiredName,
  requiredObject,
  requiredString,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { AUDIO_FORMATS, DOCUMENT_FORMATS, IMAGE_FORMATS, mediaTypeOf, VIDEO_FORMATS } from './media-formats.ts';
import { DIALECT, TTL_OF_WORD } from './wire.ts';

type Kind = Exclude<Extract<MessageInitShape<typeof PartSchema>, { $typeName?: never }>['kind'], undefined>;

/** A list of content blocks. A cache point is a mark of the part before it. Throws SluiceError INVALID_REQUEST. */
export function decodeBlocks(place: Place, key: string): Part[] {
  return decodeList(place, key, decodeBlock);
}

function decodeList(place: Place, key: string, decode: (block: Place) => Part): Part[] {
  const content = place.json[key];
  const path = pathOf(place, key);
  if (!Array.isArray(content)) throw wrongField(path, 'an array', content);
  const parts: Part[] = [];
  for (const [index, item] of content.entries()) {
    const block = asPlace(item, `${path}[${index}]`);
    const last = parts.at(-1);
    const point = optionalObject(block, 'cachePoint');
    if (point === undefined || last === undefined) parts.push(decode(block));
    else last.cacheControl = cacheControl(point);
  }
  return parts;
}

/** The mark that a cache point stands for. */
export function cacheControl(point: Place): CacheControl {
  const ttl = TTL_OF_WORD.get(optionalString(point, 'ttl') ?? '');
  return create(CacheControlSchema, ttl === undefined ? {} : { ttl });
}

function decodeBlock(block: Place): Part {
  const reasoning = optionalObject(block, 'reasoningContent');
  if (reasoning !== undefined) return thoughtOf(reasoning);
  const result = optionalObject(block, 'toolResult');
  return create(PartSchema, { kind: result === undefined ? kindOf(block) : resultOf(result) });
}

/** A block that the contract has nothing for becomes a RawPart. */
function kindOf(block: Place): Kind {
  const text = optionalString(block, 'text');
  if (text !== undefined) return { case: 'text', value: { text } };
  const image = optionalObject(block, 'image');
  if (image !== undefined) return { case: 'image', value: { source: sourceOf(image, IMAGE_FORMATS) } };
  const audio = optionalObject(block, 'audio');
  if (audio !== undefined) {
    return {
      case: 'audio',
      value: { source: sourceOf(audio, AUDIO_FORMATS), format: requiredString(audio, 'format') },
    };
  }
  const video = optionalObject(block, 'video');
  if (video !== undefined) return { case: 'file', value: { source: sourceOf(video, VIDEO_FORMATS) } };
  const document = optionalObject(block, 'document');
  if (document !== undefined && hasFile(document)) return documentOf(document);
  const call = optionalObject(block, 'toolUse');
  return call === undefined ? rawOf(block) : callOf(call);
}

function rawOf(block: Place): Kind {
  return { case: 'raw', value: { dialect: DIALECT, json: textOfJson(block.json, block.path) } };
}

type Source = NonNullable<Extract<Kind, { case: 'image' }>['value']['source']>;

function sourceOf(media: Place, formats: ReadonlyMap<string, string>): Source {
  const mediaType = mediaTypeOf(formats, optionalString(media, 'format') ?? '');
  const source = requiredObject(media, 'source');
  const bucket = optionalObject(source, 's3Location');
  if (bucket !== undefined) return { location: { case: 'url', value: requiredName(bucket, 'uri') }, mediaType };
  const value = decodeBase64(requiredString(source, 'bytes'));
  if (value === undefined) throw badField(pathOf(source, 'bytes'), 'it is not base64');
  return { location: { case: 'data', value }, mediaType };
}

/** Documents may also be given as text or as blocks of it, which the contract has no place for. */
function hasFile({ json }: Place): boolean {
  const { source } = json;
  return typeof source === 'object' && source !== null && ('bytes' in source || 's3Location' in source);
}

function documentOf(document: Place): Kind {
  const citations = optionalObject(document, 'citations')?.json['enabled'] === true;
  const value = {
    source: sourceOf(document, DOCUMENT_FORMATS),
    filename: requiredName(document, 'name'),
    context: optionalString(document, 'context') ?? '',
    citations,
  };
  return { case: 'file', value };
}

function callOf(call: Place): Kind {
  const input = call.json['input'];
  if (input === undefined) throw wrongField(pathOf(call, 'input'), 'JSON', input);
  const value = {
    id: requiredName(call, 'toolUseId'),
    name: requiredName(call, 'name'),
    input: { case: 'argumentsJson' as const, value: textOfJson(input, pathOf(call, 'input')) },
  };
  return { case: 'toolCall', value };
}

/** Results hold no results: what a caller nests within them stays as it is. */
function resultOf(result: Place): Kind {
  const parts = decodeList(result, 'content', (block) => create(PartSchema, { kind: kindOf(block) }));
  const isError = optionalString(result, 'status') === 'error';
  return {
    case: 'toolResult',
    value: { callId: requiredName(result, 'toolUseId'), parts, isError },
  };
}

function thoughtOf(reasoning: Place): Part {
  const redactedData = optionalString(reasoning, 'redactedContent');
  if (redactedData !== undefined) {
    return create(PartSchema, { kind: { case: 'reasoning', value: { redactedData } }, origin: DIALECT });
  }
  const thought = requiredObject(reasoning, 'reasoningText');
  const signature = optionalString(thought, 'signature') ?? '';
  return create(PartSchema, {
    kind: { case: 'reasoning', value: { text: requiredString(thought, 'text') } },
    ...(signature !== '' && { signature, origin: DIALECT }),
  });
}
