import {
  type AudioPart,
  type CacheControl,
  CacheTtl,
  type FilePart,
  type ImagePart,
  type MediaSource,
  type Part,
} from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import { formatDataUrl } from '../data-url.ts';
import { objectOfText } from '../json-text.ts';
import type { Losses } from '../losses.ts';
import {
  bytesOf,
  documentName,
  documentText,
  documentType,
  isUploadedElsewhere,
  namedText,
  pictureAddress,
} from '../openai-media.ts';
import { DIALECT } from './wire.ts';

/** A canonical part, where it stands in the request, who it is for, and where its losses go. */
export interface Spot {
  readonly part: Part;
  readonly path: string;
  readonly quirks: WireQuirks;
  readonly losses: Losses;
}

/** One text is written as a string, which every server understands; nothing at all as an empty one. */
export function contentOf(entries: readonly JsonObject[]): JsonValue {
  const [first, ...others] = entries;
  if (first === undefined) return '';
  const { type, text, ...more } = first;
  const plain = others.length === 0 && type === 'text' && typeof text === 'string' && Object.keys(more).length === 0;
  return plain ? text : entries;
}

/** The entries of a message's content that stand for a part of any role: text and raw entries. A refusal is text. */
export function encodeWords(spot: Spot): JsonObject[] {
  return marked(wordEntries(spot), spot);
}

/** The same for an assistant's message, which has entries for refusals. */
export function encodeAssistantWords(spot: Spot): JsonObject[] {
  const { kind } = spot.part;
  if (kind.case !== 'refusal') return encodeWords(spot);
  return kind.value.text === '' ? [] : marked([{ type: 'refusal', refusal: kind.value.text }], spot);
}

/** The same for a user's message, which may hold pictures, sound and documents too. */
export function encodeUserContent(spot: Spot): JsonObject[] {
  return marked(userEntries(spot), spot);
}

function wordEntries({ part, path, losses }: Spot): JsonObject[] {
  switch (part.kind.case) {
    case 'text':
    case 'refusal':
      return part.kind.value.text === '' ? [] : [{ type: 'text', text: part.kind.value.text }];
    case 'raw':
      if (part.kind.value.dialect === DIALECT) return [objectOfText(part.kind.value.json, `${path}.raw.json`)];
      losses.dropped(`${path}.raw`, `A part of the format ${part.kind.value.dialect} has no place in this format.`);
      return [];
    default:
      losses.dropped(path, `This format has no ${part.kind.case ?? 'unknown'} parts in messages of this role.`);
      return [];
  }
}

function userEntries(spot: Spot): JsonObject[] {
  const { kind } = spot.part;
  switch (kind.case) {
    case 'image':
      return encodeImage(kind.value, spot);
    case 'audio':
      return encodeSound(kind.value, spot);
    case 'file':
      return encodeFile(kind.value, spot);
    default:
      return wordEntries(spot);
  }
}

/** With the mark for prompt caching, where the provider takes one. */
function marked(entries: JsonObject[], { part, quirks }: Spot): JsonObject[] {
  if (part.cacheControl === undefined || quirks.cacheControl !== true) return entries;
  const mark = encodeCacheControl(part.cacheControl);
  return entries.map((entry) => ({ ...entry, cache_control: mark }));
}

/** Anthropic's mark, which servers in front of its models and Alibaba's take. They know two lifetimes. */
export function encodeCacheControl({ ttl }: CacheControl): JsonObject {
  const word = WORD_OF_TTL.get(ttl);
  return word === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: word };
}

const WORD_OF_TTL: ReadonlyMap<CacheTtl, string> = new Map([
  [CacheTtl.CACHE_TTL_5M, '5m'],
  [CacheTtl.CACHE_TTL_1H, '1h'],
]);

function encodeImage(image: ImagePart, { path, losses }: Spot): JsonObject[] {
  const url = pictureAddress(image.source);
  if (url === undefined) {
    losses.dropped(`${path}.image`, 'This format takes PNG, JPEG, WebP and GIF, inline or by an address of the web.');
    return [];
  }
  return [{ type: 'image_url', image_url: { url, ...(image.detail === '' ? {} : { detail: image.detail }) } }];
}

/** The address of a picture or document, its bytes as a data: URL; undefined for an uploaded file. */
export function addressOf(source: MediaSource | undefined): string | undefined {
  switch (source?.location.case) {
    case 'url':
      return source.location.value;
    case 'data':
      return formatDataUrl({ mediaType: source.mediaType, data: source.location.value });
    default:
      return undefined;
  }
}

function encodeSound(audio: AudioPart, { path, losses }: Spot): JsonObject[] {
  const location = audio.source?.location;
  const format = audio.format || (FORMAT_OF_MEDIA_TYPE.get(audio.source?.mediaType ?? '') ?? '');
  if (audio.transcript !== '') losses.dropped(`${path}.audio.transcript`, 'This format has no words beside sound.');
  if (location?.case === 'data' && format !== '') {
    return [{ type: 'input_audio', input_audio: { data: location.value.toBase64(), format } }];
  }
  losses.dropped(`${path}.audio`, 'This format takes sound inline only, in a format that is named.');
  return [];
}

const FORMAT_OF_MEDIA_TYPE: ReadonlyMap<string, string> = new Map([
  ['audio/wav', 'wav'],
  ['audio/x-wav', 'wav'],
  ['audio/mpeg', 'mp3'],
  ['audio/mp3', 'mp3'],
]);

function encodeFile(file: FilePart, { part, path, losses }: Spot): JsonObject[] {
  const location = file.source?.location;
  for (const field of ['title', 'context', 'citations'] as const) {
    if (file[field]) losses.dropped(`${path}.file.${field}`, `This format has no ${field} of documents.`);
  }
  if (location?.case === 'fileId') {
    if (isUploadedElsewhere(part)) {
      losses.dropped(`${path}.file`, `The file was uploaded to a provider of the format ${part.origin}.`);
      return [];
    }
    if (file.filename !== '') losses.dropped(`${path}.file.filename`, 'An uploaded file has its own name.');
    return [{ type: 'file', file: { file_id: location.value } }];
  }
  return encodeDocument(file, { path, losses });
}

/** Bytes: of PDF as they are, of texts as words. */
function encodeDocument(file: FilePart, { path, losses }: Pick<Spot, 'path' | 'losses'>): JsonObject[] {
  const inline = bytesOf(file.source);
  const mediaType = inline && documentType(inline, file.filename);
  if (inline === undefined || mediaType === undefined) {
    losses.dropped(`${path}.file`, 'This format takes documents uploaded or inline only, as PDF or text.');
    return [];
  }
  if (mediaType === PDF) {
    const file_data = formatDataUrl({ mediaType, data: inline.data });
    return [{ type: 'file', file: { filename: documentName(file, mediaType), file_data } }];
  }
  const text = documentText(inline, mediaType);
  if (text === undefined) {
    losses.dropped(`${path}.file`, `This format takes no documents of the type ${mediaType}.`);
    return [];
  }
  losses.emulated(`${path}.file`, 'This format takes no files of text: its words are sent as such.');
  return [{ type: 'text', text: namedText(file, text) }];
}

const PDF = 'application/pdf';
