import type { AudioPart, FilePart, ImagePart, MediaSource, Part } from '../../../gen/sluice/v1/content_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { formatDataUrl } from '../data-url.ts';
import type { Losses } from '../losses.ts';
import { badField } from '../read-fields.ts';
import { DIALECT } from './wire.ts';

/** A canonical part, where it stands in the request, and where its losses go. */
export interface Spot {
  readonly part: Part;
  readonly path: string;
  readonly losses: Losses;
}

/** The entries of a message's content that stand for a part of any role: text, refusals, and raw entries. */
export function encodeWords({ part, path, losses }: Spot): JsonObject[] {
  switch (part.kind.case) {
    case 'text':
      return [{ type: 'text', text: part.kind.value.text }];
    case 'refusal':
      return [{ type: 'refusal', refusal: part.kind.value.text }];
    case 'raw':
      if (part.kind.value.dialect === DIALECT) return [objectOfText(part.kind.value.json, `${path}.raw.json`)];
      losses.dropped(`${path}.raw`, `A part of the format ${part.kind.value.dialect} has no place in this format.`);
      return [];
    default:
      losses.dropped(path, `This format has no ${part.kind.case ?? 'unknown'} parts in messages of this role.`);
      return [];
  }
}

/** The same for a user's message, which may hold pictures, sound and documents too. */
export function encodeUserContent(spot: Spot): JsonObject[] {
  const { kind } = spot.part;
  switch (kind.case) {
    case 'image':
      return encodeImage(kind.value, spot);
    case 'audio':
      return encodeSound(kind.value, spot);
    case 'file':
      return encodeFile(kind.value, spot);
    default:
      return encodeWords(spot);
  }
}

function encodeImage(image: ImagePart, { path, losses }: Spot): JsonObject[] {
  const url = addressOf(image.source);
  if (url === undefined) {
    losses.dropped(`${path}.image.source.file_id`, 'This format takes pictures by address or inline only.');
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

function encodeFile(file: FilePart, { path, losses }: Spot): JsonObject[] {
  const location = file.source?.location;
  for (const field of ['title', 'context', 'citations'] as const) {
    if (file[field]) losses.dropped(`${path}.file.${field}`, `This format has no ${field} of documents.`);
  }
  const filename = file.filename === '' ? {} : { filename: file.filename };
  switch (location?.case) {
    case 'fileId':
      return [{ type: 'file', file: { ...filename, file_id: location.value } }];
    case 'data':
      return [{ type: 'file', file: { ...filename, file_data: addressOf(file.source) } }];
    default:
      losses.dropped(`${path}.file`, 'This format takes documents inline or uploaded only, not by address.');
      return [];
  }
}

/** JSON text of the caller's, as an object. Throws SluiceError INVALID_REQUEST. */
export function objectOfText(text: string, path: string): JsonObject {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    throw badField(path, 'it is not JSON');
  }
  if (isJsonObject(value)) return value;
  throw badField(path, 'it is not a JSON object');
}
