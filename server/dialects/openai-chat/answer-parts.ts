import { create } from '@bufbuild/protobuf';
import { type MediaSource, MediaSourceSchema, type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import { decodeBase64, parseDataUrl } from '../data-url.ts';
import { countOf, listOf, objectOf, objectsOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

/** A piece of an answer's content, in one piece or in a delta. */
export type Piece =
  | { readonly kind: 'text' | 'reasoning' | 'refusal'; readonly text: string }
  | { readonly kind: 'part'; readonly part: Part };

/** Content is text or null at OpenAI; at Mistral it may be an array of texts, thoughts and references. */
export function contentPieces(content: JsonValue | undefined): readonly Piece[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  return objectsOf(content).map(pieceOf);
}

function pieceOf(json: JsonObject): Piece {
  switch (json['type']) {
    case 'text':
      return { kind: 'text', text: stringOf(json['text']) };
    case 'refusal':
      return { kind: 'refusal', text: stringOf(json['refusal']) };
    case 'thinking':
      return { kind: 'reasoning', text: thinkingText(json['thinking']) };
    case 'image_url':
      return { kind: 'part', part: imagePart(json) };
    default:
      return { kind: 'part', part: rawPart(json) };
  }
}

/** The words of a piece of Mistral's kind: thoughts as text, or as pieces of text. */
export function thinkingText(thinking: JsonValue | undefined): string {
  if (typeof thinking === 'string') return thinking;
  return listOf(thinking)
    .map((item) => stringOf(objectOf(item)?.['text']))
    .join('');
}

function rawPart(json: JsonObject): Part {
  return create(PartSchema, { kind: { case: 'raw', value: { dialect: DIALECT, json: textOfAnswer(json) } } });
}

/** Pictures that a model made, as OpenRouter and others send them beside the content. */
export function imageParts(message: JsonObject): Part[] {
  return objectsOf(message['images']).map(imagePart);
}

function imagePart(json: JsonObject): Part {
  const url = stringOf(json['image_url']) || stringOf(objectOf(json['image_url'])?.['url']);
  if (url === '') return rawPart(json);
  return create(PartSchema, { kind: { case: 'image', value: { source: sourceOf(url) } } });
}

function sourceOf(url: string): MediaSource {
  const inline = parseDataUrl(url);
  return inline === undefined
    ? create(MediaSourceSchema, { location: { case: 'url', value: url } })
    : create(MediaSourceSchema, { location: { case: 'data', value: inline.data }, mediaType: inline.mediaType });
}

/** Sound of an answer in one piece. Its format is the one that was asked for; the answer does not repeat it. */
export function audioPart(audio: JsonObject): Part {
  const data = audioBytes(audio);
  const expires = countOf(audio['expires_at']);
  return create(PartSchema, {
    kind: {
      case: 'audio',
      value: {
        id: stringOf(audio['id']),
        transcript: stringOf(audio['transcript']),
        ...(data.length > 0 && { source: { location: { case: 'data', value: data } } }),
        ...(expires !== undefined && { expireTimeSeconds: BigInt(expires) }),
      },
    },
  });
}

/** Throws AttemptError MALFORMED. */
export function audioBytes(audio: JsonObject): Uint8Array {
  const data = decodeBase64(stringOf(audio['data']));
  if (data === undefined) throw new AttemptError('MALFORMED', 'The provider sent sound that is not base64.');
  return data;
}
