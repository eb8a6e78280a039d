import type { ChatResponse, Choice } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { AudioPart, Part, RawPart, TextPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { WireBody } from '../dialect.ts';
import { parseAnswer, stringOf } from '../read-answer.ts';
import { encodeAnnotations } from './annotations.ts';
import { decodeExtras } from './answer-extras.ts';
import { addressOf } from './encode-content.ts';
import { encodeLogprobs } from './logprobs.ts';
import { encodeReasoning } from './reasoning.ts';
import { encodeThoughtSignature, signatureFor } from './thought-signature.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, finishMembers } from './wire.ts';

/** The answer as JSON text: the provider's own, where it is of this format; else built from the canonical form. */
export function encodeResponse({
  response,
  wire,
}: {
  readonly response: ChatResponse;
  readonly wire?: WireBody;
}): string {
  if (wire?.dialect === DIALECT && wire.text !== undefined) return wire.text;
  const { id, createTime, model, choices, usage, serviceTier, systemFingerprint, providerExtrasJson } = response;
  return JSON.stringify({
    ...decodeExtras(providerExtrasJson),
    id,
    object: 'chat.completion',
    created: Number(createTime?.seconds ?? 0),
    model,
    choices: choices.map(encodeChoice),
    usage: encodeUsage(usage),
    service_tier: serviceTier || undefined,
    system_fingerprint: systemFingerprint || undefined,
  });
}

function encodeChoice({ index, parts, finishReason, rawFinishReason, logprobs }: Choice): JsonObject {
  return {
    index,
    message: encodeMessage(parts),
    logprobs: encodeLogprobs(logprobs),
    ...finishMembers({ reason: finishReason, rawReason: rawFinishReason }),
  };
}

function encodeMessage(parts: readonly Part[]): JsonObject {
  const texts = parts.flatMap(({ kind }) => (kind.case === 'text' ? [kind.value] : []));
  const refusals = parts.flatMap(({ kind }) => (kind.case === 'refusal' ? [kind.value.text] : []));
  const calls = parts.flatMap(encodeOwnCall);
  const images = parts.flatMap(({ kind }) => (kind.case === 'image' ? encodeImage(addressOf(kind.value.source)) : []));
  const sounds = parts.flatMap(({ kind }) => (kind.case === 'audio' ? [encodeAudio(kind.value)] : []));
  const annotations = texts.flatMap(({ annotations: own }, index) =>
    encodeAnnotations(own, lengthOf(texts.slice(0, index))),
  );
  const signature = parts.findLast((part) => part.kind.case === 'text' && signatureFor(part) !== '');
  return {
    role: 'assistant',
    content: encodeWords(parts),
    refusal: refusals.length === 0 ? null : refusals.join(''),
    ...encodeReasoning(parts),
    ...(signature && encodeThoughtSignature(signatureFor(signature))),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images }),
    ...(sounds.length > 0 && { audio: sounds[0] }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** The texts as one; as a list only where pieces that this format has alone stand among them, as at Mistral. */
function encodeWords(parts: readonly Part[]): JsonValue {
  const entries = parts.flatMap(({ kind }): JsonObject[] => {
    if (kind.case === 'text') return [{ type: 'text', text: kind.value.text }];
    return kind.case === 'raw' ? encodeRaw(kind.value) : [];
  });
  if (entries.length === 0) return null;
  if (parts.some(({ kind }) => kind.case === 'raw' && kind.value.dialect === DIALECT)) return entries;
  return entries.map((entry) => stringOf(entry['text'])).join('');
}

/** A piece of content that this format has alone; nothing for those of other formats. */
export function encodeRaw({ dialect, json }: RawPart): JsonObject[] {
  return dialect === DIALECT ? [parseAnswer(json)] : [];
}

/** In UTF-16 units, as positions of citations are counted. */
function lengthOf(texts: readonly TextPart[]): number {
  return texts.reduce((sum, { text }) => sum + text.length, 0);
}

/** Tools that the provider ran are not the caller's to run: as calls of this format they would be. */
function encodeOwnCall(part: Part): JsonObject[] {
  if (part.kind.case !== 'toolCall' || part.kind.value.providerExecuted) return [];
  const { id, name, input } = part.kind.value;
  const call =
    input.case === 'text'
      ? { id, type: 'custom', custom: { name, input: input.value } }
      : { id, type: 'function', function: { name, arguments: input.value || '{}' } };
  return [{ ...call, ...encodeThoughtSignature(signatureFor(part)) }];
}

export function encodeImage(url: string | undefined): JsonObject[] {
  return url === undefined ? [] : [{ type: 'image_url', image_url: { url } }];
}

function encodeAudio({ id, source, transcript, expireTimeSeconds }: AudioPart): JsonObject {
  return {
    id,
    expires_at: Number(expireTimeSeconds ?? 0),
    data: source?.location.case === 'data' ? source.location.value.toBase64() : '',
    transcript,
  };
}
