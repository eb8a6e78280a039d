import type { FilePart, ImagePart, MediaSource, Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { formatDataUrl } from '../data-url.ts';
import { inlineSource } from '../inline-source.ts';
import type { Losses } from '../losses.ts';
import { writableObject } from '../writable-object.ts';
import { DIALECT } from './wire.ts';

/** What the parts of one request share. */
export interface RequestTerms {
  readonly losses: Losses;
  /** The model takes thoughts back. */
  readonly canThink: boolean;
  /** It takes pictures. */
  readonly canSee: boolean;
  /** Documents of the request, which stand beside its messages. Encoding adds to them. */
  readonly documents: JsonObject[];
}

/** A canonical part and where it stands in the request. */
export interface Spot extends RequestTerms {
  readonly part: Part;
  readonly path: string;
}

/** Notes what may stand on any part and has no place in this format. */
export function noteExtras({ part, path, losses }: Spot): void {
  if (part.cacheControl !== undefined) {
    losses.dropped(`${path}.cache_control`, 'This format caches prompts unasked and has no marks for it.');
  }
  if (part.signature !== '') losses.dropped(`${path}.signature`, 'This format has no signatures.');
}

/** The entries of content for a part of any role: text and what only this format has. */
export function encodeWords({ part, path, losses }: Spot): JsonObject[] {
  const { kind } = part;
  switch (kind.case) {
    case 'text':
      if (kind.value.annotations.length > 0) {
        losses.dropped(`${path}.text.annotations`, 'Texts go back without their citations.');
      }
      return words(kind.value.text);
    case 'refusal':
      return words(kind.value.text);
    case 'raw':
      if (kind.value.dialect === DIALECT) return [writableObject(kind.value.json, `${path}.raw.json`)];
      losses.dropped(`${path}.raw`, `A part of the format ${kind.value.dialect} has no place in this format.`);
      return [];
    default:
      losses.dropped(path, `This format has no ${kind.case ?? 'unknown'} parts in messages of this role.`);
      return [];
  }
}

/** An entry without words is refused there. */
function words(text: string): JsonObject[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

/** The same for a user's message, which may hold pictures and documents too. */
export function encodeUserContent(spot: Spot): JsonObject[] {
  const { kind } = spot.part;
  if (kind.case === 'image') return encodeImage(kind.value, spot);
  return kind.case === 'file' ? encodeDocument(kind.value, spot) : encodeWords(spot);
}

function encodeImage({ source, detail }: ImagePart, { path, losses, canSee }: Spot): JsonObject[] {
  const url = canSee ? addressOf(inlineSource(source)) : undefined;
  if (url === undefined) {
    const why = canSee
      ? 'This format takes pictures by address, or inline as PNG, JPEG, WebP or GIF.'
      : 'This model takes no pictures.';
    losses.dropped(`${path}.image`, why);
    return [];
  }
  return [{ type: 'image_url', image_url: { url, ...(detail !== '' && { detail }) } }];
}

/** https://docs.cohere.com/docs/image-inputs */
const IMAGE_TYPES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif']);

function addressOf(source: MediaSource | undefined): string | undefined {
  switch (source?.location.case) {
    case 'url':
      return /^https?:/i.test(source.location.value) ? source.location.value : undefined;
    case 'data': {
      const mediaType = source.mediaType === 'image/jpg' ? 'image/jpeg' : source.mediaType;
      const taken = IMAGE_TYPES.has(mediaType) && source.location.value.length > 0;
      return taken ? formatDataUrl({ mediaType, data: source.location.value }) : undefined;
    }
    default:
      return undefined;
  }
}

/** Documents are texts that stand beside the messages, for the model to cite. */
function encodeDocument(file: FilePart, { path, losses, documents }: Spot): JsonObject[] {
  const text = textOf(file.source);
  if (text === undefined) {
    losses.dropped(`${path}.file`, 'This format takes documents as inline text only.');
    return [];
  }
  losses.approximated(`${path}.file`, 'The document is sent beside the messages instead of within them.');
  const { title, filename, context } = file;
  documents.push({ data: { ...named('title', title || filename), ...named('context', context), text } });
  return [];
}

const named = (name: string, value: string): JsonObject => (value === '' ? {} : { [name]: value });

/** Types that are text by whatever name. */
const TEXT_TYPE = /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|javascript|toml|sql)\b)/;

function textOf(given: MediaSource | undefined): string | undefined {
  const { location, mediaType = '' } = inlineSource(given) ?? {};
  if (location?.case !== 'data' || (mediaType !== '' && !TEXT_TYPE.test(mediaType))) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(location.value);
  } catch {
    return undefined;
  }
}
