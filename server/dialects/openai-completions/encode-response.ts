import type { ChatResponse, Choice } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireBody } from '../dialect.ts';
import { encodeLogprobs } from './logprobs.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, finishWord } from './wire.ts';

/** The answer as JSON text: the provider's own, where it is of this format; else built from the canonical form. */
export function encodeResponse({
  response,
  wire,
}: {
  readonly response: ChatResponse;
  readonly wire?: WireBody;
}): string {
  if (wire?.dialect === DIALECT && wire.text !== undefined) return wire.text;
  const { id, createTime, model, choices, usage, systemFingerprint } = response;
  return JSON.stringify({
    id,
    object: 'text_completion',
    created: Number(createTime?.seconds ?? 0),
    model,
    choices: choices.map(encodeChoice),
    usage: encodeUsage(usage),
    system_fingerprint: systemFingerprint || undefined,
  });
}

/** The words of the answer; the format has nothing else. */
function encodeChoice({ index, parts, finishReason, logprobs }: Choice): JsonObject {
  const words = parts.map(({ kind }) => (kind.case === 'text' || kind.case === 'refusal' ? kind.value.text : ''));
  return {
    text: words.join(''),
    index,
    logprobs: encodeLogprobs(logprobs, 0),
    finish_reason: finishWord({ reason: finishReason }).word,
  };
}
