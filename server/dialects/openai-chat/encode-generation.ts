import {
  type AudioOutput,
  type Generation,
  type Reasoning,
  ReasoningEffort,
  type ResponseFormat,
} from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { askForJson } from '../ask-for-json.ts';
import type { Losses } from '../losses.ts';
import { namedSchema } from '../openai-schema.ts';
import { type EncodeTerms, encodeMessages, encodePrediction } from './encode-messages.ts';
import { encodeParallel, encodeToolChoice, encodeTools, encodeWebSearch } from './encode-tools.ts';
import { EFFORT_OF_WORD, VERBOSITY_OF_WORD, wordOf } from './wire.ts';

/** A request body of what the caller asked, without model and stream. Members without a value are undefined. */
export function encodeGeneration(asked: Generation, terms: EncodeTerms): JsonObject {
  const { losses } = terms;
  const generation = askForJson(asked, asked.messages, losses);
  if (generation.topK !== undefined && terms.quirks.topK !== true)
    losses.dropped('generation.top_k', 'This format has no top_k.');
  return {
    messages: encodeMessages(generation.messages, terms),
    tools: encodeTools(generation.tools, terms),
    web_search_options: encodeWebSearch(generation.tools),
    tool_choice: encodeToolChoice(generation.toolChoice, generation.tools, losses),
    parallel_tool_calls: encodeParallel(generation.parallelToolCalls, generation.tools),
    ...sampling(generation, terms),
    response_format: responseFormat(generation.responseFormat, losses),
    modalities: generation.modalities.length === 0 ? undefined : generation.modalities,
    audio: generation.audioOutput && audioOf(generation.audioOutput, losses),
    reasoning_effort: generation.reasoning && reasoningEffort(generation.reasoning, losses),
    verbosity: wordOf(VERBOSITY_OF_WORD, generation.verbosity),
    prediction: encodePrediction(generation.prediction, terms),
    service_tier: generation.serviceTier || undefined,
    prompt_cache_key: generation.promptCacheKey || undefined,
    // The new name, safety_identifier, is known to few servers.
    user: generation.endUserId || undefined,
    store: generation.store,
  };
}

function sampling(generation: Generation, { quirks, losses }: EncodeTerms): JsonObject {
  return {
    max_completion_tokens: generation.maxOutputTokens,
    temperature: generation.temperature,
    top_p: generation.topP,
    top_k: quirks.topK === true ? generation.topK : undefined,
    frequency_penalty: generation.frequencyPenalty,
    presence_penalty: generation.presencePenalty,
    seed: generation.seed === undefined ? undefined : seedNumber(generation.seed, losses),
    stop: stopTexts(generation.stop, losses),
    n: generation.n,
    logprobs: generation.logprobs,
    top_logprobs: alternatives(generation, losses),
    logit_bias: Object.keys(generation.logitBias).length === 0 ? undefined : generation.logitBias,
  };
}

/** Voice and codec are required; 16-bit PCM is what streams can have, too. */
function audioOf({ voice, format }: AudioOutput, losses: Losses): JsonObject {
  if (voice === '') losses.emulated('generation.audio_output.voice', 'The format wants a voice; alloy is sent.');
  if (format === '') losses.emulated('generation.audio_output.format', 'The format wants a codec; pcm16 is sent.');
  return { voice: voice || 'alloy', format: format || 'pcm16' };
}

/** OpenAI refuses more; what other servers take is not known. */
const MAX_STOPS = 4;

function stopTexts(stop: readonly string[], losses: Losses): readonly string[] | undefined {
  if (stop.length > MAX_STOPS) losses.clamped('generation.stop', `The first ${MAX_STOPS} texts are sent.`);
  return stop.length === 0 ? undefined : stop.slice(0, MAX_STOPS);
}

/** Refused where log probabilities are not asked for. */
function alternatives({ logprobs, topLogprobs }: Generation, losses: Losses): number | undefined {
  if (topLogprobs === undefined || logprobs === true) return topLogprobs;
  if (topLogprobs > 0) losses.dropped('generation.top_logprobs', 'There are no alternatives without logprobs.');
  return undefined;
}

/** Numbers of JSON are doubles to most readers. */
function seedNumber(seed: bigint, losses: Losses): number {
  if (!Number.isSafeInteger(Number(seed)))
    losses.approximated('generation.seed', 'The seed is sent as the nearest double.');
  return Number(seed);
}

/** The most tokens of a budget that an effort stands for; above them it is high. */
const EFFORT_OF_BUDGET: readonly (readonly [number, string])[] = [
  [0, 'none'],
  [2048, 'low'],
  [8192, 'medium'],
];

function reasoningEffort(reasoning: Reasoning, losses: Losses): string | undefined {
  if (reasoning.includeThoughts !== undefined) {
    losses.dropped('generation.reasoning.include_thoughts', 'This format cannot ask for thoughts.');
  }
  if (reasoning.summary !== '') {
    losses.dropped('generation.reasoning.summary', 'This format has no summaries of thoughts.');
  }
  const { budgetTokens } = reasoning;
  if (reasoning.effort !== ReasoningEffort.UNSPECIFIED) {
    if (budgetTokens !== undefined) {
      losses.dropped('generation.reasoning.budget_tokens', 'This format has an effort only, which is sent.');
    }
    return wordOf(EFFORT_OF_WORD, reasoning.effort);
  }
  if (budgetTokens === undefined) return undefined;
  const effort = EFFORT_OF_BUDGET.find(([most]) => budgetTokens <= most)?.[1] ?? 'high';
  losses.approximated(
    'generation.reasoning.budget_tokens',
    `${budgetTokens} tokens are sent as the effort "${effort}".`,
  );
  return effort;
}

function responseFormat(format: ResponseFormat | undefined, losses: Losses): JsonValue | undefined {
  switch (format?.kind.case) {
    case 'text':
      return { type: 'text' };
    case 'jsonObject':
      return { type: 'json_object' };
    case 'jsonSchema': {
      const json_schema = namedSchema(format.kind.value, losses);
      return json_schema === undefined ? { type: 'json_object' } : { type: 'json_schema', json_schema };
    }
    default:
      return undefined;
  }
}
