import { type Generation, Verbosity } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import type { EncodedThinking } from './encode-thinking.ts';
import type { ModelTraits } from './model-traits.ts';

export interface SamplingTerms {
  readonly thinking: EncodedThinking;
  readonly traits: ModelTraits;
  readonly losses: Losses;
}

/** The sampling members of a request, as far as the model takes them. */
export function encodeSampling(generation: Generation, terms: SamplingTerms): JsonObject {
  const stops = stopSequences(generation.stop, terms.losses);
  return { ...randomness(generation, terms), stop_sequences: stops.length === 0 ? undefined : stops };
}

const THINKS = 'A model that thinks does not take it.';

function randomness(generation: Generation, { thinking, traits, losses }: SamplingTerms): JsonObject {
  const { topP, topK } = generation;
  const temperature = temperatureOf(generation, losses);
  const thinks = thinking.thinking !== undefined && thinking.thinking['type'] !== 'disabled';
  const allowed = {
    // 1 is the default, which every model takes.
    temperature: temperature === 1 ? traits.sampling : traits.sampling && !thinks,
    top_p: traits.sampling && (!thinks || (topP ?? 0) >= 0.95) && (traits.bothSamplings || temperature === undefined),
    top_k: traits.sampling && !thinks,
  };
  const asked = { temperature, top_p: topP, top_k: topK };
  const why = thinks
    ? THINKS
    : traits.sampling
      ? 'This model takes either temperature or top_p.'
      : 'This model does not take it.';
  const entries = Object.entries(asked).filter(([name, value]) => {
    const lost = value !== undefined && !allowed[name as keyof typeof allowed];
    // Left out, the temperature is 1.
    if (lost && !(name === 'temperature' && value === 1)) losses.dropped(`generation.${name}`, why);
    return value !== undefined && !lost;
  });
  return Object.fromEntries(entries);
}

function temperatureOf({ temperature }: Generation, losses: Losses): number | undefined {
  if (temperature === undefined || temperature <= 1) return temperature;
  losses.clamped('generation.temperature', 'The highest temperature there is 1.');
  return 1;
}

function stopSequences(stop: readonly string[], losses: Losses): readonly string[] {
  return stop.filter((text, index) => {
    const blank = text.trim() === '';
    if (blank) losses.dropped(`generation.stop[${index}]`, 'Stop texts of white space alone are refused there.');
    return !blank;
  });
}

/** Notes what the format has no member for. */
export function noteAbsentFields(generation: Generation, losses: Losses): void {
  const present: readonly (readonly [string, boolean])[] = [
    ['frequency_penalty', (generation.frequencyPenalty ?? 0) !== 0],
    ['presence_penalty', (generation.presencePenalty ?? 0) !== 0],
    ['seed', generation.seed !== undefined],
    ['n', (generation.n ?? 1) > 1],
    ['logprobs', generation.logprobs === true],
    ['top_logprobs', (generation.topLogprobs ?? 0) > 0],
    ['logit_bias', Object.keys(generation.logitBias).length > 0],
    ['modalities', generation.modalities.some((modality) => modality !== 'text')],
    ['audio_output', generation.audioOutput !== undefined],
    ['verbosity', generation.verbosity !== Verbosity.UNSPECIFIED],
    ['prediction', generation.prediction.length > 0],
    ['prompt_cache_key', generation.promptCacheKey !== ''],
    ['store', generation.store === true],
  ];
  for (const [field, lost] of present) {
    if (lost) losses.dropped(`generation.${field}`, `This format has no ${field}.`);
  }
}
