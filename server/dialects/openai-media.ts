import type { FilePart, MediaSource, Part } from '../../gen/sluice/v1/content_pb.ts';
import { formatDataUrl, type InlineData, isDataUrl, parseDataUrl } from './data-url.ts';

// What OpenAI's formats take of pictures and documents: https://developers.openai.com/api/docs/guides/images-vision and
// https://developers.openai.com/api/docs/guides/file-inputs

/** The formats that share OpenAI's files. */
const FILE_ORIGINS: ReadonlySet<string> = new Set(['', 'openai-chat', 'openai-responses']);

/** Whether the part is a file that was uploaded to a provider of another format, where OpenAI's know nothing of it. */
export function isUploadedElsewhere({ kind, origin }: Part): boolean {
  if (kind.case !== 'image' && kind.case !== 'file' && kind.case !== 'audio') return false;
  return kind.value.source?.location.case === 'fileId' && !FILE_ORIGINS.has(origin);
}

/** The bytes of a source, also of one that is written as a data: URL; undefined for others, and for no bytes at all. */
export function bytesOf(source: MediaSource | undefined): InlineData | undefined {
  const location = source?.location;
  if (source === undefined || location === undefined) return undefined;
  if (location.case === 'data') {
    return location.value.length === 0 ? undefined : { mediaType: plainType(source.mediaType), data: location.value };
  }
  const inline = location.case === 'url' && isDataUrl(location.value) ? parseDataUrl(location.value) : undefined;
  return inline === undefined || inline.data.length === 0 ? undefined : inline;
}

/** An address that the provider can fetch. */
export function webAddress(source: MediaSource | undefined): string | undefined {
  const location = source?.location;
  return location?.case === 'url' && /^https?:\/\/./i.test(location.value) ? location.value : undefined;
}

/** The address of a picture, its bytes as a data: URL; undefined where it is none of the four kinds that are taken. */
export function pictureAddress(source: MediaSource | undefined): string | undefined {
  const inline = bytesOf(source);
  if (inline === undefined) return webAddress(source);
  const mediaType = PICTURES.has(inline.mediaType) ? inline.mediaType : typeOfBytes(inline.data);
  return mediaType === undefined || !PICTURES.has(mediaType) ? undefined : formatDataUrl({ ...inline, mediaType });
}

const PICTURES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif']);

/** By its first bytes, in hexadecimal; for bytes that come without a type. */
const MAGIC: readonly (readonly [RegExp, string])[] = [
  [/^89504e47/, 'image/png'],
  [/^ffd8ff/, 'image/jpeg'],
  [/^47494638/, 'image/gif'],
  [/^52494646.{8}57454250/, 'image/webp'],
  [/^25504446/, 'application/pdf'],
];

function typeOfBytes(data: Uint8Array): string | undefined {
  const start = data.subarray(0, 12).toHex();
  return MAGIC.find(([pattern]) => pattern.test(start))?.[1];
}

/** Parameters of a media type, such as its charset, say nothing here. */
const plainType = (mediaType: string): string => (mediaType.split(';')[0] ?? '').trim().toLowerCase();

/** The type of a document's bytes: what is said, else what its name or its bytes tell; undefined for types that are not taken. */
export function documentType({ mediaType, data }: InlineData, filename: string): string | undefined {
  if (DOCUMENTS.has(mediaType) || TEXTS.test(mediaType)) return mediaType;
  const named = TYPE_OF_ENDING.get(endingOf(filename));
  if (named !== undefined || (mediaType !== '' && mediaType !== 'application/octet-stream')) return named;
  return typeOfBytes(data) ?? (textOf(data) === undefined ? undefined : 'text/plain');
}

/** The words of a document that is plain text; undefined for others, and where they are not UTF-8. */
export function documentText({ data }: InlineData, mediaType: string): string | undefined {
  return TEXTS.test(mediaType) ? textOf(data) : undefined;
}

function textOf(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return undefined;
  }
}

const TEXTS =
  /^(?:text\/.+|application\/(?:.+\+)?(?:json|xml|yaml)|application\/(?:x-)?(?:ndjson|yaml|toml|javascript|typescript|sh|sql))$/;

/** A text as the model reads it: its name first, as in a file. */
export function namedText(file: FilePart, text: string): string {
  return file.filename === '' ? text : `${file.filename}:\n${text}`;
}

/** A name whose ending tells the type: bytes without one are refused. */
export function documentName({ filename }: FilePart, mediaType: string): string {
  if (TYPE_OF_ENDING.has(endingOf(filename))) return filename;
  const ending = [...TYPE_OF_ENDING].find(([, type]) => type === mediaType)?.[0] ?? 'txt';
  return `${filename || 'document'}.${ending}`;
}

const endingOf = (filename: string): string => /\.([a-z0-9]+)$/i.exec(filename)?.[1]?.toLowerCase() ?? '';

const OFFICE = 'application/vnd.openxmlformats-officedocument';

/** What the Responses API takes besides code, which is text. */
const TYPE_OF_ENDING: ReadonlyMap<string, string> = new Map([
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['tsv', 'text/tab-separated-values'],
  ['html', 'text/html'],
  ['json', 'application/json'],
  ['xml', 'application/xml'],
  ['doc', 'application/msword'],
  ['docx', `${OFFICE}.wordprocessingml.document`],
  ['rtf', 'application/rtf'],
  ['odt', 'application/vnd.oasis.opendocument.text'],
  ['ppt', 'application/vnd.ms-powerpoint'],
  ['pptx', `${OFFICE}.presentationml.presentation`],
  ['xls', 'application/vnd.ms-excel'],
  ['xlsx', `${OFFICE}.spreadsheetml.sheet`],
]);

const DOCUMENTS: ReadonlySet<string> = new Set(TYPE_OF_ENDING.values());
