import { type Generation, Verbosity } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import type { EncodedThinking } from './encode-thinking.ts';
import type { ModelTraits } from './model-traits.ts';

export interface SamplingTerms {
  readonly thinking: EncodedThinking;
  readonly traits: ModelTraits;
  readonly losses: Losses;
}

/** inferenceConfig, and top_k, which each maker has a place of its own for. */
export interface EncodedSampling {
  /** Undefined where it would be empty. */
  readonly inferenceConfig: JsonObject | undefined;
  /** Members below additionalModelRequestFields. */
  readonly fields: JsonObject;
}

/** Tokens for the answer beside a budget of thoughts, where the caller sets no limit: a limit is needed then. */
const ANSWER_TOKENS = 4096;

export function encodeSampling(generation: Generation, terms: SamplingTerms): EncodedSampling {
  const { thinking } = terms;
  const stops = stopSequences(generation.stop, terms);
  const maxTokens = generation.maxOutputTokens ?? (thinking.budget > 0 ? thinking.budget + ANSWER_TOKENS : undefined);
  const { temperature, topP, topK } = randomness(generation, terms);
  const members = { maxTokens, temperature, topP, stopSequences: stops.length === 0 ? undefined : stops };
  const empty = Object.values(members).every((value) => value === undefined);
  return {
    inferenceConfig: empty ? undefined : members,
    fields: topK === undefined ? {} : nested(terms.traits.topK ?? [], topK),
  };
}

/** {a: {b: value}} for the path a, b. */
function nested(path: readonly string[], value: number): JsonObject {
  const built = path.toReversed().reduce<JsonValue>((inner, name) => ({ [name]: inner }), value);
  return typeof built === 'object' && built !== null && !Array.isArray(built) ? (built as JsonObject) : {};
}

type Randomness = Partial<Record<'temperature' | 'topP' | 'topK', number | undefined>>;

const FIELDS = { temperature: 'temperature', topP: 'top_p', topK: 'top_k' } as const;

function randomness(generation: Generation, { thinking, traits, losses }: SamplingTerms): Randomness {
  const { topP, topK } = generation;
  const temperature = temperatureOf(generation, losses);
  const free = traits.sampling && !thinking.on;
  const allowed = {
    // 1 is the default, which every model takes that takes any.
    temperature: temperature === 1 ? traits.sampling : free,
    topP:
      traits.sampling && (!thinking.on || (topP ?? 0) >= 0.95) && (traits.bothSamplings || temperature === undefined),
    topK: free && traits.topK !== undefined,
  };
  const why = thinking.on
    ? 'A model that thinks does not take it.'
    : 'This model does not take it, or not beside another.';
  const asked = { temperature, topP, topK };
  const kept: Randomness = {};
  for (const name of ['temperature', 'topP', 'topK'] as const) {
    const value = asked[name];
    if (value === undefined) continue;
    if (allowed[name]) kept[name] = value;
    else if (!(name === 'temperature' && value === 1)) losses.dropped(`generation.${FIELDS[name]}`, why);
  }
  return kept;
}

function temperatureOf({ temperature }: Generation, losses: Losses): number | undefined {
  if (temperature === undefined || temperature <= 1) return temperature;
  losses.clamped('generation.temperature', 'The highest temperature there is 1.');
  return 1;
}

function stopSequences(stop: readonly string[], { traits, losses }: SamplingTerms): readonly string[] {
  if (stop.length > 0 && !traits.stopSequences) {
    losses.dropped('generation.stop', 'This model takes no stop texts.');
    return [];
  }
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
    ['end_user_id', generation.endUserId !== ''],
    ['store', generation.store === true],
  ];
  for (const [field, lost] of present) {
    if (lost) losses.dropped(`generation.${field}`, `This format has no ${field}.`);
  }
}
