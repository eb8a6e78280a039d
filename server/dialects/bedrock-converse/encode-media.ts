import type { AudioPart, FilePart, ImagePart, MediaSource } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { inlineSource } from '../inline-source.ts';
import type { Spot } from './encode-spot.ts';
import { AUDIO_FORMATS, DOCUMENT_FORMATS, IMAGE_FORMATS, VIDEO_FORMATS } from './media-formats.ts';

// Media stand in the request or in a bucket (s3://…); nothing else is fetched.

export function encodeImage({ source, detail }: ImagePart, { path, losses }: Spot): JsonObject[] {
  if (detail !== '' && detail !== 'auto') {
    losses.dropped(`${path}.image.detail`, 'This format cannot say how closely a picture is looked at.');
  }
  const known = inlineSource(source);
  const format = IMAGE_FORMATS.get(known?.mediaType ?? '') ?? pictureFormat(known);
  const place = sourceOf(known);
  if (format !== undefined && place !== undefined) return [{ image: { format, source: place } }];
  losses.dropped(`${path}.image`, 'Pictures are taken inline or from a bucket, as PNG, JPEG, GIF or WebP.');
  return [];
}

/** The first bytes of the four formats, and how the names of such files end. */
const PICTURES: readonly (readonly [magic: RegExp, suffix: RegExp, format: string])[] = [
  [/^\x89PNG/, /\.png$/i, 'png'],
  [/^\xff\xd8\xff/, /\.jpe?g$/i, 'jpeg'],
  [/^GIF8/, /\.gif$/i, 'gif'],
  [/^RIFF[\s\S]{4}WEBP/, /\.webp$/i, 'webp'],
];

/** The format of a picture that does not say its type. */
function pictureFormat(source: MediaSource | undefined): string | undefined {
  const { location } = source ?? {};
  if (location?.case === 'url') return PICTURES.find(([, suffix]) => suffix.test(location.value))?.[2];
  if (location?.case !== 'data') return undefined;
  const head = Buffer.from(location.value.subarray(0, 12)).toString('latin1');
  return PICTURES.find(([magic]) => magic.test(head))?.[2];
}

export function encodeSound(audio: AudioPart, { path, losses }: Spot): JsonObject[] {
  if (audio.transcript !== '') losses.dropped(`${path}.audio.transcript`, 'This format has no words beside sound.');
  const source = inlineSource(audio.source);
  const place = sourceOf(source);
  const format =
    AUDIO_FORMATS.get(source?.mediaType ?? '') ?? [...AUDIO_FORMATS.values()].find((one) => one === audio.format);
  if (format !== undefined && place !== undefined) return [{ audio: { format, source: place } }];
  losses.dropped(`${path}.audio`, 'Sound is taken inline or from a bucket, in a format that is named.');
  return [];
}

/** A document, or a film, which the contract has no kind of its own for. */
export function encodeFile(file: FilePart, spot: Spot): JsonObject[] {
  const source = inlineSource(file.source);
  const film = VIDEO_FORMATS.get(source?.mediaType ?? '');
  const place = sourceOf(source);
  if (film !== undefined && place !== undefined) return [{ video: { format: film, source: place } }];
  const format = place === undefined ? undefined : documentFormat(file, source, spot);
  if (place === undefined || format === undefined) {
    spot.losses.dropped(
      `${spot.path}.file`,
      'Documents are taken inline or from a bucket, as PDF, text or of an office.',
    );
    return [];
  }
  return [{ document: { format, name: documentName(file, format, spot), source: place, ...aboutDocument(file) } }];
}

function aboutDocument({ context, citations }: FilePart): JsonObject {
  return { ...(context !== '' && { context }), ...(citations && { citations: { enabled: true } }) };
}

/** Types that are text by another name. */
const TEXT_TYPE = /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|javascript|toml|sql)\b)/;

function documentFormat(
  { filename }: FilePart,
  source: MediaSource | undefined,
  { path, losses }: Spot,
): string | undefined {
  const mediaType = source?.mediaType ?? '';
  const extension = /\.([a-z]+)$/i.exec(filename)?.[1]?.toLowerCase() ?? '';
  const format = DOCUMENT_FORMATS.get(mediaType) ?? (mediaType === '' ? formatOfExtension(extension) : undefined);
  if (format !== undefined) return format;
  if (source?.location.case === 'data' && isPdf(source.location.value)) return 'pdf';
  const text = mediaType === '' || TEXT_TYPE.test(mediaType);
  if (!text || source?.location.case !== 'data' || !isUtf8(source.location.value)) return undefined;
  losses.approximated(`${path}.file.source.media_type`, 'The document is sent as plain text.');
  return 'txt';
}

function formatOfExtension(extension: string): string | undefined {
  return [...DOCUMENT_FORMATS.values()].find((format) => format === extension);
}

function isPdf(data: Uint8Array): boolean {
  return Buffer.from(data.subarray(0, 5)).toString('latin1') === '%PDF-';
}

function isUtf8(data: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(data);
    return true;
  } catch {
    return false;
  }
}

/** Names have an alphabet there, and no two of a request may be alike. */
function documentName({ filename, title }: FilePart, format: string, { path, losses, names }: Spot): string {
  if (title !== '' && filename !== '' && title !== filename) {
    losses.dropped(`${path}.file.title`, 'A document has one name there, its file name.');
  }
  const called = filename || title;
  const name = names.nameOf(called, format);
  if (called !== '' && name !== called && `${name}.${format}` !== called) {
    const field = filename === '' ? 'title' : 'filename';
    losses.approximated(`${path}.file.${field}`, `The document is called "${name}", of letters that are taken there.`);
  }
  return name;
}

function sourceOf(source: MediaSource | undefined): JsonObject | undefined {
  const { location } = source ?? {};
  if (location?.case === 'data' && location.value.length > 0) return { bytes: location.value.toBase64() };
  return location?.case === 'url' && location.value.startsWith('s3://')
    ? { s3Location: { uri: location.value } }
    : undefined;
}
