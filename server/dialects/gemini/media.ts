import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type AudioPart,
  type FilePart,
  type ImagePart,
  type MediaSource,
  type MediaSourceSchema,
  type Part,
  PartSchema,
} from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { decodeBase64 } from '../data-url.ts';
import { withFileOrigin } from '../file-origin.ts';
import { inlineSource } from '../inline-source.ts';
import type { Losses } from '../losses.ts';
import { objectOf, stringOf } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

// Pictures, sound, video and documents: inlineData holds bytes, fileData an address or an uploaded file.

type Source = MessageInitShape<typeof MediaSourceSchema>;
type Kind = Exclude<Extract<MessageInitShape<typeof PartSchema>, { $typeName?: never }>['kind'], undefined>;

/** Files that were uploaded to the Gemini API; elsewhere their addresses lead nowhere. */
const UPLOADED = /^https:\/\/generativelanguage\.googleapis\.com\/|^files\//;

/** The part that inlineData or fileData stands for; undefined where there is neither, or the bytes are not base64. */
export function decodeMedia(json: JsonObject): Part | undefined {
  const inline = objectOf(json['inlineData']);
  const file = objectOf(json['fileData']);
  const mediaType = stringOf((inline ?? file)?.['mimeType']);
  if (inline !== undefined) {
    const value = decodeBase64(stringOf(inline['data']));
    return value === undefined ? undefined : partOf(mediaType, { location: { case: 'data', value }, mediaType });
  }
  if (file === undefined) return undefined;
  const uri = stringOf(file['fileUri']);
  return partOf(mediaType, { location: { case: UPLOADED.test(uri) ? 'fileId' : 'url', value: uri }, mediaType });
}

function partOf(mediaType: string, source: Source): Part {
  return withFileOrigin(create(PartSchema, { kind: kindOf(mediaType, source) }), DIALECT);
}

function kindOf(mediaType: string, source: Source): Kind {
  if (/^image\//i.test(mediaType)) return { case: 'image', value: { source } };
  if (/^audio\//i.test(mediaType)) return { case: 'audio', value: { source } };
  return { case: 'file', value: { source } };
}

/** A part with bytes or an address, where it stands, and where its losses go. */
export interface MediaSpot {
  readonly kind: 'image' | 'audio' | 'file';
  readonly value: ImagePart | AudioPart | FilePart;
  readonly path: string;
  readonly losses: Losses;
}

/** inlineData or fileData; none, with a warning, where the part only names what another provider holds. */
export function encodeMedia(spot: MediaSpot): JsonObject[] {
  noteLosses(spot);
  const source = inlineSource(spot.value.source);
  const { location } = source ?? {};
  const refusal = refusalOf(source);
  if (location?.case === undefined || refusal !== undefined) {
    const why = refusal ?? 'This format takes no sound by the id of an earlier answer.';
    spot.losses.dropped(`${spot.path}.${spot.kind}`, why);
    return [];
  }
  const mimeType = mediaTypeOf(spot, source);
  if (location.case === 'data' && !TAKEN.test(mimeType ?? '')) {
    spot.losses.dropped(`${spot.path}.${spot.kind}`, `The type ${mimeType} is refused there.`);
    return [];
  }
  return location.case === 'data'
    ? [{ inlineData: { mimeType, data: location.value.toBase64() } }]
    : [{ fileData: { ...(mimeType !== undefined && { mimeType }), fileUri: location.value } }];
}

/** https://ai.google.dev/gemini-api/docs/image-understanding and its neighbours for sound, video and documents */
const TAKEN = /^(?:image\/(?:png|jpeg|webp|heic|heif)|(?:audio|video|text)\/[\w.+-]+|application\/pdf)$/i;

/** Types that are text by another name. */
const TEXT_TYPE = /^application\/(?:json|xml|yaml|x-yaml|javascript|toml|sql)\b/;

/** Addresses that Google can go to. */
const ADDRESS = /^(?:https?|gs):\/\//i;

/** Why a source cannot be sent; undefined where it can, or where there is none. */
function refusalOf(source: MediaSource | undefined): string | undefined {
  switch (source?.location.case) {
    case 'data':
      return source.location.value.length === 0 ? 'Nothing is in it, which is refused there.' : undefined;
    case 'url':
      return ADDRESS.test(source.location.value) ? undefined : 'Google cannot go to such an address.';
    case 'fileId':
      return UPLOADED.test(source.location.value) ? undefined : 'The file was uploaded to another provider.';
    default:
      return undefined;
  }
}

function noteLosses({ kind, value, path, losses }: MediaSpot): void {
  const named = [
    ...('detail' in value && value.detail !== 'auto' ? [['detail', value.detail]] : []),
    ...('transcript' in value ? [['transcript', value.transcript]] : []),
    ...('filename' in value
      ? [
          ['filename', value.filename],
          ['title', value.title],
          ['context', value.context],
          ['citations', value.citations ? 'true' : ''],
        ]
      : []),
  ];
  for (const [field = '', text] of named) {
    if (text !== '') losses.dropped(`${path}.${kind}.${field}`, `This format has no ${field} beside a part's bytes.`);
  }
}

/** What the part says, else what its format or the end of its address tells. Bytes need a type; addresses may lack one. */
function mediaTypeOf(spot: MediaSpot, source: MediaSource | undefined): string | undefined {
  const { value, kind, path, losses } = spot;
  const known = source?.mediaType ?? '';
  if (known === 'image/jpg') return 'image/jpeg';
  if (TEXT_TYPE.test(known)) {
    losses.approximated(`${path}.${kind}.source.media_type`, 'It is sent as plain text.');
    return 'text/plain';
  }
  if (known !== '') return known.replace(/;.*/s, '');
  const format = 'format' in value ? value.format : '';
  const location = source?.location;
  const address = location?.case === 'data' ? '' : (location?.value ?? '');
  const ending = format || (/\.([a-z0-9]{2,5})(?:[?#]|$)/i.exec(address)?.[1] ?? '');
  const guessed = TYPE_OF_ENDING.get(ending.toLowerCase()) ?? USUAL_TYPE[kind];
  if (location?.case === 'fileId') return undefined;
  if (format === '') losses.approximated(`${path}.${kind}.source.media_type`, `It is sent as ${guessed}.`);
  return guessed;
}

const USUAL_TYPE = { image: 'image/jpeg', audio: 'audio/wav', file: 'application/pdf' } as const;

const TYPE_OF_ENDING: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['heic', 'image/heic'],
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
  ['flac', 'audio/flac'],
  ['opus', 'audio/opus'],
  ['ogg', 'audio/ogg'],
  ['aac', 'audio/aac'],
  ['pcm16', 'audio/pcm'],
  ['mp4', 'video/mp4'],
  ['mov', 'video/quicktime'],
  ['webm', 'video/webm'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['html', 'text/html'],
]);
