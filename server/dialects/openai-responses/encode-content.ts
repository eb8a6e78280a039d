import type { FilePart, ImagePart, MediaSource, Part, TextPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { formatDataUrl } from '../data-url.ts';
import { objectOfText } from '../json-text.ts';
import type { Losses } from '../losses.ts';
import {
  bytesOf,
  documentName,
  documentType,
  isUploadedElsewhere,
  pictureAddress,
  webAddress,
} from '../openai-media.ts';
import { stringOf } from '../read-answer.ts';
import { encodeAnnotation } from './annotations.ts';
import { DIALECT, isContentType } from './wire.ts';

/** A canonical part, where it stands in the request, and where its losses go. */
export interface Spot {
  readonly part: Part;
  readonly path: string;
  readonly losses: Losses;
}

/** What may stand on any part and has no place in this format. */
export function noteExtras({ part, path, losses }: Spot): void {
  if (part.cacheControl !== undefined) {
    losses.dropped(`${path}.cache_control`, 'This format caches prompts unasked and has no marks for it.');
  }
  if (part.signature !== '') losses.dropped(`${path}.signature`, 'This format has no signatures.');
  if (part.itemId !== '' && !isOwn(part)) {
    losses.dropped(`${path}.item_id`, `Items of the format ${part.origin} are unknown in this one.`);
  }
}

/** Whether ids and encrypted data of a part mean something to providers of this format. */
export function isOwn({ origin }: Part): boolean {
  return origin === '' || origin === DIALECT;
}

/** The entries of the content of a message that is not the assistant's, or of a tool's answer. */
export function encodeInputContent(spot: Spot): JsonObject[] {
  const { kind } = spot.part;
  switch (kind.case) {
    case 'text':
      return [{ type: 'input_text', text: kind.value.text }];
    case 'image':
      return encodeImage(kind.value, spot);
    case 'file':
      return encodeFile(kind.value, spot);
    default:
      return encodeOther(spot);
  }
}

/** The entries of the content of an assistant's message. */
export function encodeOutputContent(spot: Spot): JsonObject[] {
  const { kind } = spot.part;
  switch (kind.case) {
    case 'text':
      return [encodeText(kind.value)];
    case 'refusal':
      return [{ type: 'refusal', refusal: kind.value.text }];
    default:
      return encodeOther(spot);
  }
}

function encodeText({ text, annotations }: TextPart): JsonObject {
  return { type: 'output_text', text, annotations: annotations.flatMap(encodeAnnotation) };
}

function encodeOther({ part, path, losses }: Spot): JsonObject[] {
  const { kind } = part;
  if (kind.case !== 'raw') {
    losses.dropped(path, `This format has no ${kind.case ?? 'unknown'} parts in messages of this role.`);
    return [];
  }
  if (kind.value.dialect === DIALECT) {
    const json = objectOfText(kind.value.json, `${path}.raw.json`);
    if (isContentType(stringOf(json['type']))) return [json];
    losses.dropped(`${path}.raw`, 'An item of a conversation cannot stand within a content.');
    return [];
  }
  losses.dropped(`${path}.raw`, `A part of the format ${kind.value.dialect} has no place in this format.`);
  return [];
}

function encodeImage({ source, detail }: ImagePart, { part, path, losses }: Spot): JsonObject[] {
  const more = detail === '' ? {} : { detail };
  if (isUploadedElsewhere(part)) return droppedUpload(`${path}.image`, part, losses);
  if (source?.location.case === 'fileId') return [{ type: 'input_image', file_id: source.location.value, ...more }];
  const url = pictureAddress(source);
  if (url !== undefined) return [{ type: 'input_image', image_url: url, ...more }];
  losses.dropped(`${path}.image`, 'This format takes PNG, JPEG, WebP and GIF, inline or by an address of the web.');
  return [];
}

function droppedUpload(path: string, { origin }: Part, losses: Losses): [] {
  losses.dropped(path, `The file was uploaded to a provider of the format ${origin}.`);
  return [];
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

function encodeFile(file: FilePart, { part, path, losses }: Spot): JsonObject[] {
  for (const field of ['title', 'context', 'citations'] as const) {
    if (file[field]) losses.dropped(`${path}.file.${field}`, `This format has no ${field} of documents.`);
  }
  if (isUploadedElsewhere(part)) return droppedUpload(`${path}.file`, part, losses);
  const location = file.source?.location;
  const address = webAddress(file.source);
  if (location?.case === 'fileId' || address !== undefined) {
    // "Mutually exclusive parameters ... Ensure you are only providing one of: 'file_id' or 'filename'."
    if (file.filename !== '') losses.dropped(`${path}.file.filename`, 'A file that is elsewhere has its own name.');
    return [
      { type: 'input_file', ...(location?.case === 'fileId' ? { file_id: location.value } : { file_url: address }) },
    ];
  }
  const inline = bytesOf(file.source);
  const mediaType = inline && documentType(inline, file.filename);
  if (inline === undefined || mediaType === undefined) {
    losses.dropped(`${path}.file`, 'This format takes no documents of this type, and no empty ones.');
    return [];
  }
  const file_data = formatDataUrl({ mediaType, data: inline.data });
  return [{ type: 'input_file', filename: documentName(file, mediaType), file_data }];
}
