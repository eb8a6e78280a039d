import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import type { Bounds } from '../read-fields.ts';

/** What the numbers of the format may be, by their canonical names: https://docs.cohere.com/reference/chat */
const BOUNDS: Readonly<Record<'top_p' | 'top_k' | 'frequency_penalty' | 'presence_penalty', Bounds>> = {
  top_p: { min: 0.01, max: 0.99 },
  top_k: { min: 0, max: 500 },
  frequency_penalty: { min: 0, max: 1 },
  presence_penalty: { min: 0, max: 1 },
};

/** The most stop texts that are taken. */
const MAX_STOPS = 5;

/** The sampling members of a request. */
export function encodeSampling(generation: Generation, losses: Losses): JsonObject {
  const clamp = (name: keyof typeof BOUNDS, value: number | undefined): number | undefined => {
    if (value === undefined) return undefined;
    const { min, max } = BOUNDS[name];
    const clamped = Math.min(max, Math.max(min, value));
    if (clamped !== value) losses.clamped(`generation.${name}`, `It is from ${min} to ${max} there.`);
    return clamped;
  };
  return {
    max_tokens: generation.maxOutputTokens,
    temperature: generation.temperature,
    p: clamp('top_p', generation.topP),
    k: clamp('top_k', generation.topK),
    frequency_penalty: clamp('frequency_penalty', generation.frequencyPenalty),
    presence_penalty: clamp('presence_penalty', generation.presencePenalty),
    seed: seedNumber(generation.seed, losses),
    stop_sequences: stopSequences(generation.stop, losses),
    logprobs: generation.logprobs,
  };
}

/** Numbers of JSON are doubles to most readers, and seeds are not negative there. */
function seedNumber(seed: bigint | undefined, losses: Losses): number | undefined {
  if (seed === undefined) return undefined;
  if (seed < 0n) {
    losses.dropped('generation.seed', 'Seeds are not negative there.');
    return undefined;
  }
  if (!Number.isSafeInteger(Number(seed))) {
    losses.approximated('generation.seed', 'The seed is sent as the nearest double.');
  }
  return Number(seed);
}

function stopSequences(stop: readonly string[], losses: Losses): readonly string[] | undefined {
  if (stop.length > MAX_STOPS) losses.dropped(`generation.stop[${MAX_STOPS}]`, `At most ${MAX_STOPS} are taken there.`);
  return stop.length === 0 ? undefined : stop.slice(0, MAX_STOPS);
}
