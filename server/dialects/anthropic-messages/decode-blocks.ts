import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type CacheControl,
  CacheControlSchema,
  CacheTtl,
  type MediaSourceSchema,
  type Part,
  PartSchema,
} from '../../../gen/sluice/v1/content_pb.ts';
import { decodeBase64 } from '../data-url.ts';
import { withFileOrigin } from '../file-origin.ts';
import {
  asPlace,
  badField,
  optionalBoolean,
  optionalList,
  optionalObject,
  optionalObjects,
  optionalString,
  type Place,
  pathOf,
  requiredObject,
  requiredString,
  textOfJson,
} from '../read-fields.ts';
import { foreignPart, isForeignProof } from '../thought-envelope.ts';
import { decodeBlock } from './answer-blocks.ts';
import { decodeCitation } from './citations.ts';
import { DIALECT, isProviderCall, isProviderResult, TTL_OF_WORD } from './wire.ts';

type Source = MessageInitShape<typeof MediaSourceSchema>;
type Kind = Exclude<Extract<MessageInitShape<typeof PartSchema>, { $typeName?: never }>['kind'], undefined>;

const partOf = (kind: Kind): Part => create(PartSchema, { kind });

/** A content block of a request. A type that the contract has nothing for becomes a RawPart. Throws SluiceError INVALID_REQUEST. */
export function decodeRequestBlock(place: Place): Part {
  const part = withFileOrigin(blockPart(place), DIALECT);
  const cacheControl = decodeCacheControl(place);
  // A raw block holds its mark.
  return cacheControl === undefined || part.kind.case === 'raw' ? part : Object.assign(part, { cacheControl });
}

function blockPart(place: Place): Part {
  const type = requiredString(place, 'type');
  switch (type) {
    case 'text':
      return textPart(place);
    case 'image':
      return imagePart(place);
    case 'document':
      return documentPart(place);
    case 'tool_use':
      checkCall(place);
      return decodeBlock(place.json);
    case 'tool_result':
      return resultPart(place);
    case 'thinking':
      return thinkingPart(place);
    case 'redacted_thinking':
      return hiddenPart(place);
    default:
      return ownPart(place, type);
  }
}

function thinkingPart(place: Place): Part {
  const text = requiredString(place, 'thinking');
  const signature = optionalString(place, 'signature') ?? '';
  return isForeignProof(signature) ? foreignPart(text, signature) : decodeBlock(place.json);
}

function hiddenPart(place: Place): Part {
  const data = requiredString(place, 'data');
  return isForeignProof(data) ? foreignPart('', data) : decodeBlock(place.json);
}

/** Blocks that only this format has. */
function ownPart(place: Place, type: string): Part {
  if (isProviderCall(type)) checkCall(place);
  else if (isProviderResult(type)) requiredString(place, 'tool_use_id');
  // What is nested too deeply to be written is the caller's mistake, not the provider's.
  textOfJson(place.json, place.path);
  return decodeBlock(place.json);
}

function checkCall(place: Place): void {
  requiredString(place, 'id');
  requiredString(place, 'name');
  requiredObject(place, 'input');
  textOfJson(place.json, place.path);
}

function textPart(place: Place): Part {
  const text = requiredString(place, 'text');
  const annotations = (optionalObjects(place, 'citations') ?? []).map(({ json, path }) => {
    textOfJson(json, path);
    return decodeCitation(json);
  });
  return partOf({ case: 'text', value: { text, annotations } });
}

/** Sources that the contract has no place for leave the block as it is. */
function imagePart(place: Place): Part {
  const source = decodeSource(requiredObject(place, 'source'));
  return source === undefined ? rawPart(place) : partOf({ case: 'image', value: { source } });
}

function documentPart(place: Place): Part {
  const source = decodeSource(requiredObject(place, 'source'));
  if (source === undefined) return rawPart(place);
  const citations = optionalObject(place, 'citations');
  return partOf({
    case: 'file',
    value: {
      source,
      title: optionalString(place, 'title') ?? '',
      context: optionalString(place, 'context') ?? '',
      citations: (citations && optionalBoolean(citations, 'enabled')) ?? false,
    },
  });
}

function rawPart(place: Place): Part {
  return partOf({ case: 'raw', value: { dialect: DIALECT, json: textOfJson(place.json, place.path) } });
}

function decodeSource(source: Place): Source | undefined {
  switch (requiredString(source, 'type')) {
    case 'base64': {
      const value = decodeBase64(requiredString(source, 'data'));
      if (value === undefined) throw badField(pathOf(source, 'data'), 'it is not base64');
      return { location: { case: 'data', value }, mediaType: requiredString(source, 'media_type') };
    }
    case 'text': {
      const value = new TextEncoder().encode(requiredString(source, 'data'));
      return { location: { case: 'data', value }, mediaType: 'text/plain' };
    }
    case 'url':
      return { location: { case: 'url', value: requiredString(source, 'url') } };
    case 'file':
      return { location: { case: 'fileId', value: requiredString(source, 'file_id') } };
    default:
      return undefined;
  }
}

function resultPart(place: Place): Part {
  return partOf({
    case: 'toolResult',
    value: {
      callId: requiredString(place, 'tool_use_id'),
      parts: decodeContent(place, 'content', decodeInnerBlock),
      isError: optionalBoolean(place, 'is_error') ?? false,
    },
  });
}

/** What may stand in a tool's result; other blocks stay as they are, so that results do not nest. */
function decodeInnerBlock(place: Place): Part {
  const known = INNER.has(requiredString(place, 'type'));
  return known ? decodeRequestBlock(place) : rawPart(place);
}

const INNER: ReadonlySet<string> = new Set(['text', 'image', 'document']);

/** Content as text or as a list of blocks; absent, it is empty. */
export function decodeContent(place: Place, key: string, decode: (block: Place) => Part): Part[] {
  const content = place.json[key];
  if (typeof content === 'string') return content === '' ? [] : [partOf({ case: 'text', value: { text: content } })];
  const path = pathOf(place, key);
  return (optionalList(place, key) ?? []).map((item, index) => decode(asPlace(item, `${path}[${index}]`)));
}

/** {"type":"ephemeral","ttl":"5m"}; the time may be absent. */
export function decodeCacheControl(place: Place): CacheControl | undefined {
  const control = optionalObject(place, 'cache_control');
  if (control === undefined) return undefined;
  const ttl = TTL_OF_WORD.get(optionalString(control, 'ttl') ?? '') ?? CacheTtl.CACHE_TTL_UNSPECIFIED;
  return create(CacheControlSchema, { ttl });
}
