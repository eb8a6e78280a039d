import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type CacheControl,
  CacheControlSchema,
  CacheTtl,
  type MediaSourceSchema,
  type Part,
  PartSchema,
} from '../../../gen/sluice/v1/content_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { decodeBase64, isDataUrl, parseDataUrl } from '../data-url.ts';
import { withFileOrigin } from '../file-origin.ts';
import {
  badField,
  optional,
  optionalString,
  type Place,
  pathOf,
  requiredObject,
  requiredString,
  textOfJson,
} from '../read-fields.ts';
import { thinkingText } from './answer-parts.ts';
import { DIALECT } from './wire.ts';

type Source = MessageInitShape<typeof MediaSourceSchema>;
type Kind = Exclude<Extract<MessageInitShape<typeof PartSchema>, { $typeName?: never }>['kind'], undefined>;

/** One entry of a message's content. A type that the format does not know becomes a RawPart. */
export function decodeContentPart(place: Place): Part {
  const cacheControl = decodeCacheControl(place.json);
  const part = create(PartSchema, { kind: kindOf(place), ...(cacheControl && { cacheControl }) });
  return withFileOrigin(part, DIALECT);
}

function kindOf(place: Place): Kind {
  switch (requiredString(place, 'type')) {
    case 'text':
      return { case: 'text', value: { text: requiredString(place, 'text') } };
    case 'thinking':
      return { case: 'reasoning', value: { text: thinkingText(place.json['thinking']) } };
    case 'refusal':
      return { case: 'refusal', value: { text: requiredString(place, 'refusal') } };
    case 'image_url':
      return { case: 'image', value: imageOf(place) };
    case 'input_audio':
      return { case: 'audio', value: audioOf(requiredObject(place, 'input_audio')) };
    case 'file':
      return { case: 'file', value: fileOf(requiredObject(place, 'file')) };
    default:
      return { case: 'raw', value: { dialect: DIALECT, json: textOfJson(place.json, place.path) } };
  }
}

/** Mistral takes the bare URL too. */
function imageOf(place: Place): { source: Source; detail: string } {
  if (typeof place.json['image_url'] === 'string') {
    return { source: urlSource(place.json['image_url'], pathOf(place, 'image_url')), detail: '' };
  }
  const image = requiredObject(place, 'image_url');
  const source = urlSource(requiredString(image, 'url'), pathOf(image, 'url'));
  return { source, detail: optionalString(image, 'detail') ?? '' };
}

function audioOf(audio: Place): { source: Source; format: string } {
  const data = decodeBase64(requiredString(audio, 'data'));
  if (data === undefined) throw badField(pathOf(audio, 'data'), 'it is not base64');
  const format = requiredString(audio, 'format');
  return {
    source: { location: { case: 'data', value: data }, mediaType: MEDIA_TYPE_OF_AUDIO.get(format) ?? '' },
    format,
  };
}

/** The two formats that the API takes. */
const MEDIA_TYPE_OF_AUDIO: ReadonlyMap<string, string> = new Map([
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
]);

function fileOf(file: Place): { source: Source; filename: string } {
  const filename = optionalString(file, 'filename') ?? '';
  const id = optionalString(file, 'file_id');
  if (id !== undefined) return { source: { location: { case: 'fileId', value: id } }, filename };
  const data = optionalString(file, 'file_data');
  if (data === undefined) throw badField(file.path, 'it needs file_id or file_data');
  return { source: isDataUrl(data) ? urlSource(data, pathOf(file, 'file_data')) : base64Source(file, data), filename };
}

function base64Source(file: Place, text: string): Source {
  const value = decodeBase64(text);
  if (value === undefined) throw badField(pathOf(file, 'file_data'), 'it is neither base64 nor a data: URL');
  return { location: { case: 'data', value } };
}

/** The bytes of a data: URL; any other address stays one, for the provider to fetch. */
function urlSource(url: string, path: string): Source {
  if (!isDataUrl(url)) return { location: { case: 'url', value: url } };
  const inline = parseDataUrl(url);
  if (inline === undefined) throw badField(path, 'it is a broken data: URL');
  return { location: { case: 'data', value: inline.data }, mediaType: inline.mediaType };
}

/** Not OpenAI's: compatible servers in front of Anthropic's models take {"cache_control":{"type":"ephemeral"}}. */
export function decodeCacheControl(json: JsonObject): CacheControl | undefined {
  const control = optional({ json, path: '' }, 'cache_control');
  if (!isJsonObject(control)) return undefined;
  const ttl = control['ttl'];
  return create(CacheControlSchema, {
    ttl: (typeof ttl === 'string' ? TTL_OF_WORD.get(ttl) : undefined) ?? CacheTtl.CACHE_TTL_UNSPECIFIED,
  });
}

const TTL_OF_WORD: ReadonlyMap<string, CacheTtl> = new Map([
  ['5m', CacheTtl.CACHE_TTL_5M],
  ['1h', CacheTtl.CACHE_TTL_1H],
]);
