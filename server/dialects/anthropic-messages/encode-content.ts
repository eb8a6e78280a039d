import type { FilePart, ImagePart, MediaSource, Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { inlineSource } from '../inline-source.ts';
import { objectOfText } from '../json-text.ts';
import type { Losses } from '../losses.ts';
import { cacheMark } from './cache-marks.ts';
import { citationToSend } from './citations.ts';
import { isOwn } from './encode-blocks.ts';
import { DIALECT } from './wire.ts';

/** A canonical part, where it stands in the request, and where its losses go. */
export interface Spot {
  readonly part: Part;
  readonly path: string;
  readonly losses: Losses;
}

/**
 * The blocks for a part of any role: text, pictures, documents, and blocks that only this format has. Throws SluiceError
 * INVALID_REQUEST where such a block is no JSON.
 */
export function encodeContent(spot: Spot): JsonObject[] {
  const { part, path, losses } = spot;
  const blocks = contentBlocks(spot);
  const mark = cacheMark(part.cacheControl, path, losses);
  return blocks.map((block) => ({ ...block, ...mark }));
}

function contentBlocks(spot: Spot): JsonObject[] {
  const { part, path, losses } = spot;
  const { kind } = part;
  if (
    (kind.case === 'image' || kind.case === 'file') &&
    kind.value.source?.location.case === 'fileId' &&
    !isOwn(part)
  ) {
    losses.dropped(`${path}.${kind.case}`, `The file was uploaded to a provider of another format, ${part.origin}.`);
    return [];
  }
  switch (kind.case) {
    case 'text':
      return encodeText(spot);
    case 'refusal':
      return refusalBlock(kind.value.text, spot);
    case 'image':
      return encodeImage(kind.value, spot);
    case 'file':
      return encodeDocument(kind.value, spot);
    case 'raw':
      if (kind.value.dialect === DIALECT) return [objectOfText(kind.value.json, `${path}.raw.json`)];
      losses.dropped(`${path}.raw`, `A part of the format ${kind.value.dialect} has no place in this format.`);
      return [];
    default:
      losses.dropped(path, `This format has no ${kind.case ?? 'unknown'} parts in messages of this role.`);
      return [];
  }
}

/** Blocks of white space alone are refused there. */
function textBlock(text: string): JsonObject[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

function refusalBlock(text: string, { path, losses }: Spot): JsonObject[] {
  if (text !== '' && text.trim() === '') losses.dropped(`${path}.refusal`, BLANK);
  return textBlock(text);
}

const BLANK = 'Texts of white space alone are refused there.';

function encodeText({ part, path, losses }: Spot): JsonObject[] {
  if (part.kind.case !== 'text') return [];
  const { text, annotations } = part.kind.value;
  if (part.signature !== '') losses.dropped(`${path}.signature`, 'This format has no signatures of texts.');
  const [block] = textBlock(text);
  if (block === undefined) {
    if (text !== '') losses.dropped(`${path}.text`, BLANK);
    return [];
  }
  const citations = annotations.flatMap((annotation, index) => {
    const citation = citationToSend(annotation);
    if (citation === undefined) {
      losses.dropped(`${path}.text.annotations[${index}]`, 'This format cannot take this citation back.');
      return [];
    }
    return [citation];
  });
  return [{ ...block, ...(citations.length > 0 && { citations }) }];
}

const NO_SOURCE = 'Media are taken inline, from the web, or by the id of an uploaded file.';

const IMAGE_TYPES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

function encodeImage({ source, detail }: ImagePart, { path, losses }: Spot): JsonObject[] {
  if (detail !== '' && detail !== 'auto') {
    losses.dropped(`${path}.image.detail`, 'This format cannot say how closely a picture is looked at.');
  }
  const known = inlineSource(source);
  if (known?.location.case === 'data' && !IMAGE_TYPES.has(known.mediaType)) {
    const type = pictureType(known.location.value);
    if (type !== undefined) return [{ type: 'image', source: base64Source(known.location.value, type) }];
    losses.dropped(`${path}.image`, `Pictures of the type ${known.mediaType || 'unknown'} are refused there.`);
    return [];
  }
  const encoded = encodeSource(known);
  if (encoded !== undefined) return [{ type: 'image', source: encoded }];
  losses.dropped(`${path}.image`, NO_SOURCE);
  return [];
}

/** The first bytes of the four types that are taken. */
const PICTURE_MAGIC: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG/, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^GIF8/, 'image/gif'],
  [/^RIFF[\s\S]{4}WEBP/, 'image/webp'],
];

/** What type a picture is that does not say so, or says image/jpg. */
function pictureType(data: Uint8Array): string | undefined {
  const head = Buffer.from(data.subarray(0, 12)).toString('latin1');
  return PICTURE_MAGIC.find(([magic]) => magic.test(head))?.[1];
}

function encodeDocument(file: FilePart, { path, losses }: Spot): JsonObject[] {
  const source = documentSource(file, { path, losses });
  if (source === undefined) return [];
  const title = file.title || file.filename;
  if (title !== file.filename && file.filename !== '') {
    losses.dropped(`${path}.file.filename`, 'A document has one title there, which is sent.');
  }
  return [
    {
      type: 'document',
      source,
      ...(title !== '' && { title }),
      ...(file.context !== '' && { context: file.context }),
      ...(file.citations && { citations: { enabled: true } }),
    },
  ];
}

/** Types that are text by another name. */
const TEXT_TYPE = /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|javascript|toml|sql)\b)/;

/** PDF and text are taken inline, PDF by address, anything by the id of an uploaded file. */
function documentSource(file: FilePart, { path, losses }: Omit<Spot, 'part'>): JsonObject | undefined {
  const source = inlineSource(file.source);
  if (source?.location.case !== 'data' || isPdf(source)) {
    const encoded = encodeSource(source, 'application/pdf');
    if (encoded === undefined) losses.dropped(`${path}.file`, NO_SOURCE);
    return encoded;
  }
  const text = utf8Of(source.location.value);
  if (text?.trim() && (source.mediaType === '' || TEXT_TYPE.test(source.mediaType))) {
    if (source.mediaType !== 'text/plain') {
      losses.approximated(`${path}.file.source.media_type`, 'The document is sent as plain text.');
    }
    return { type: 'text', media_type: 'text/plain', data: text };
  }
  losses.dropped(`${path}.file`, `Documents of the type ${source.mediaType || 'unknown'} are refused there.`);
  return undefined;
}

function isPdf({ location, mediaType }: MediaSource): boolean {
  if (mediaType !== '') return mediaType === 'application/pdf';
  return location.case === 'data' && Buffer.from(location.value.subarray(0, 5)).toString('latin1') === '%PDF-';
}

function utf8Of(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined;
  }
}

function encodeSource(source: MediaSource | undefined, mediaType = source?.mediaType ?? ''): JsonObject | undefined {
  switch (source?.location.case) {
    case 'data':
      return source.location.value.length === 0 ? undefined : base64Source(source.location.value, mediaType);
    case 'url':
      return /^https?:/i.test(source.location.value) ? { type: 'url', url: source.location.value } : undefined;
    case 'fileId':
      return { type: 'file', file_id: source.location.value };
    default:
      return undefined;
  }
}

function base64Source(data: Uint8Array, mediaType: string): JsonObject {
  return { type: 'base64', media_type: mediaType, data: data.toBase64() };
}
