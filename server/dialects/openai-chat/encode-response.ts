import type { ChatResponse, Choice } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { AudioPart, Part, TextPart, ToolCallPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireBody } from '../dialect.ts';
import { encodeAnnotations } from './annotations.ts';
import { addressOf } from './encode-content.ts';
import { encodeLogprobs } from './logprobs.ts';
import { encodeReasoning, thoughtOf } from './reasoning.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, wordOfFinish } from './wire.ts';

/** The answer as JSON text: the provider's own, where it is of this format; else built from the canonical form. */
export function encodeResponse({
  response,
  wire,
}: {
  readonly response: ChatResponse;
  readonly wire?: WireBody;
}): string {
  if (wire?.dialect === DIALECT && wire.text !== undefined) return wire.text;
  const { id, createTime, model, choices, usage, serviceTier, systemFingerprint } = response;
  return JSON.stringify({
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

function encodeChoice({ index, parts, finishReason, logprobs }: Choice): JsonObject {
  return {
    index,
    message: encodeMessage(parts),
    logprobs: encodeLogprobs(logprobs),
    finish_reason: wordOfFinish(finishReason),
  };
}

function encodeMessage(parts: readonly Part[]): JsonObject {
  const texts = parts.flatMap(({ kind }) => (kind.case === 'text' ? [kind.value] : []));
  const refusals = parts.flatMap(({ kind }) => (kind.case === 'refusal' ? [kind.value.text] : []));
  const thoughts = parts.flatMap((part) => thoughtOf(part) ?? []);
  const calls = parts.flatMap(({ kind }) => (kind.case === 'toolCall' ? encodeOwnCall(kind.value) : []));
  const images = parts.flatMap(({ kind }) => (kind.case === 'image' ? encodeImage(addressOf(kind.value.source)) : []));
  const sounds = parts.flatMap(({ kind }) => (kind.case === 'audio' ? [encodeAudio(kind.value)] : []));
  const annotations = texts.flatMap(({ annotations: own }, index) =>
    encodeAnnotations(own, lengthOf(texts.slice(0, index))),
  );
  return {
    role: 'assistant',
    content: texts.length === 0 ? null : texts.map(({ text }) => text).join(''),
    refusal: refusals.length === 0 ? null : refusals.join(''),
    ...encodeReasoning(thoughts),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images }),
    ...(sounds.length > 0 && { audio: sounds[0] }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** In UTF-16 units, as positions of citations are counted. */
function lengthOf(texts: readonly TextPart[]): number {
  return texts.reduce((sum, { text }) => sum + text.length, 0);
}

/** Tools that the provider ran are not the caller's to run: as calls of this format they would be. */
function encodeOwnCall({ id, name, input, providerExecuted }: ToolCallPart): JsonObject[] {
  if (providerExecuted) return [];
  return input.case === 'text'
    ? [{ id, type: 'custom', custom: { name, input: input.value } }]
    : [{ id, type: 'function', function: { name, arguments: input.value || '{}' } }];
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
