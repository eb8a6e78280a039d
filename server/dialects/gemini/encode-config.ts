import type { AudioOutput, Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { encodeThinking } from './encode-thinking.ts';

export interface ConfigTerms {
  readonly model: string;
  /** The members that ask for an answer in JSON. */
  readonly format: JsonObject;
  readonly losses: Losses;
}

/** The generationConfig; undefined where nothing is asked for. */
export function encodeConfig(generation: Generation, { model, format, losses }: ConfigTerms): JsonObject | undefined {
  const { modalities } = generation;
  const config = {
    ...sampling(generation, losses),
    ...format,
    responseModalities: modalities.length === 0 ? undefined : modalities.map((word) => word.toUpperCase()),
    speechConfig: generation.audioOutput && speechConfig(generation.audioOutput, losses),
    thinkingConfig: encodeThinking(generation.reasoning, model, losses),
  };
  return Object.values(config).every((value) => value === undefined) ? undefined : config;
}

// Bounds of https://ai.google.dev/api/generate-content#generationconfig
const MAX_CANDIDATES = 8;
const MAX_STOPS = 5;

function sampling(generation: Generation, losses: Losses): JsonObject {
  const { n, stop } = generation;
  if (n !== undefined && n > MAX_CANDIDATES)
    losses.clamped('generation.n', `At most ${MAX_CANDIDATES} answers are made.`);
  if (stop.length > MAX_STOPS) losses.clamped('generation.stop', `The first ${MAX_STOPS} texts are sent.`);
  return {
    temperature: generation.temperature,
    topP: generation.topP,
    topK: generation.topK,
    candidateCount: n === undefined ? undefined : Math.min(n, MAX_CANDIDATES),
    maxOutputTokens: generation.maxOutputTokens,
    stopSequences: stop.length === 0 ? undefined : stop.slice(0, MAX_STOPS),
    seed: generation.seed === undefined ? undefined : seedNumber(generation.seed, losses),
    presencePenalty: generation.presencePenalty,
    frequencyPenalty: generation.frequencyPenalty,
    responseLogprobs: generation.logprobs,
    logprobs: alternatives(generation, losses),
  };
}

/** Refused where log probabilities are not asked for. */
function alternatives({ logprobs, topLogprobs }: Generation, losses: Losses): number | undefined {
  if (topLogprobs === undefined || logprobs === true) return topLogprobs;
  if (topLogprobs > 0) losses.dropped('generation.top_logprobs', 'There are no alternatives without logprobs.');
  return undefined;
}

/** Seeds have 32 bits there. */
function seedNumber(seed: bigint, losses: Losses): number {
  const short = BigInt.asIntN(32, seed);
  if (short !== seed) losses.approximated('generation.seed', 'The lower 32 bits of the seed are sent.');
  return Number(short);
}

/** OpenAI's voices, which Google would refuse: https://platform.openai.com/docs/guides/text-to-speech#voice-options */
const FOREIGN_VOICES: ReadonlySet<string> = new Set(
  'alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse'.split(' '),
);

function speechConfig({ voice, format }: AudioOutput, losses: Losses): JsonObject | undefined {
  if (format !== '' && format !== 'pcm16') {
    losses.dropped('generation.audio_output.format', 'Sound comes as 16-bit PCM in this format.');
  }
  if (voice === '') return undefined;
  if (FOREIGN_VOICES.has(voice)) {
    losses.dropped('generation.audio_output.voice', `The provider has no voice named ${voice}.`);
    return undefined;
  }
  return { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } };
}
