import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import {
  type Generation,
  type Reasoning,
  ReasoningEffort,
  type ResponseFormat,
} from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { askForJson } from '../ask-for-json.ts';
import type { Losses } from '../losses.ts';
import { namedSchema } from '../openai-schema.ts';
import { encodeConversation } from './encode-input.ts';
import { encodeToolChoice, encodeTools } from './encode-tools.ts';
import { EFFORT_OF_WORD, INCLUDE_LOGPROBS, MIN_OUTPUT_TOKENS, VERBOSITY_OF_WORD, wordOf } from './wire.ts';

/** A request body of what the caller asked, without model and stream. Members without a value are undefined. */
export function encodeGeneration(asked: Generation, losses: Losses): JsonObject {
  // It does not look for the word in instructions.
  const read = asked.messages.filter(({ role }, at) => at > 0 || role !== Role.SYSTEM);
  const generation = askForJson(asked, read, losses);
  noteAbsentFields(generation, losses);
  const { instructions, input } = encodeConversation(generation.messages, {
    losses,
    goesOn: generation.previousResponseId !== '',
  });
  return {
    instructions,
    input,
    tools: encodeTools(generation.tools, losses),
    tool_choice: encodeToolChoice(generation.toolChoice, generation.tools, losses),
    parallel_tool_calls: generation.parallelToolCalls,
    max_output_tokens: maxOutputTokens(generation.maxOutputTokens, losses),
    temperature: generation.temperature,
    top_p: generation.topP,
    include: generation.logprobs === true ? [INCLUDE_LOGPROBS] : undefined,
    top_logprobs: generation.topLogprobs,
    text: textOf(generation, losses),
    reasoning: generation.reasoning && reasoningOf(generation.reasoning, losses),
    service_tier: generation.serviceTier || undefined,
    prompt_cache_key: generation.promptCacheKey || undefined,
    // The new name, safety_identifier, is known to few servers.
    user: generation.endUserId || undefined,
    store: generation.store,
    previous_response_id: generation.previousResponseId || undefined,
  };
}

/** Fields of the contract that the format has no member for: whether they are set, and their names. */
const ABSENT_FIELDS: readonly (readonly [(generation: Generation) => boolean, string])[] = [
  [({ topK }) => topK !== undefined, 'top_k'],
  [({ frequencyPenalty }) => frequencyPenalty !== undefined, 'frequency_penalty'],
  [({ presencePenalty }) => presencePenalty !== undefined, 'presence_penalty'],
  [({ seed }) => seed !== undefined, 'seed'],
  [({ stop }) => stop.length > 0, 'stop'],
  [({ n }) => n !== undefined && n > 1, 'n'],
  [({ logitBias }) => Object.keys(logitBias).length > 0, 'logit_bias'],
  [({ modalities }) => modalities.some((word) => word !== 'text'), 'modalities'],
  [({ audioOutput }) => audioOutput !== undefined, 'audio_output'],
  [({ prediction }) => prediction.length > 0, 'prediction'],
];

function noteAbsentFields(generation: Generation, losses: Losses): void {
  for (const [isSet, name] of ABSENT_FIELDS) {
    if (isSet(generation)) losses.dropped(`generation.${name}`, `This format has no ${name}.`);
  }
}

function maxOutputTokens(wanted: number | undefined, losses: Losses): number | undefined {
  if (wanted === undefined || wanted >= MIN_OUTPUT_TOKENS) return wanted;
  losses.clamped('generation.max_output_tokens', `${wanted} is sent as ${MIN_OUTPUT_TOKENS}, the least that is taken.`);
  return MIN_OUTPUT_TOKENS;
}

function textOf({ responseFormat, verbosity }: Generation, losses: Losses): JsonObject | undefined {
  const format = formatOf(responseFormat, losses);
  const word = wordOf(VERBOSITY_OF_WORD, verbosity);
  return format === undefined && word === undefined ? undefined : { format, verbosity: word };
}

function formatOf(format: ResponseFormat | undefined, losses: Losses): JsonObject | undefined {
  switch (format?.kind.case) {
    case 'text':
      return { type: 'text' };
    case 'jsonObject':
      return { type: 'json_object' };
    case 'jsonSchema': {
      const schema = namedSchema(format.kind.value, losses);
      return schema === undefined ? { type: 'json_object' } : { type: 'json_schema', ...schema };
    }
    default:
      return undefined;
  }
}

/** The most tokens of a budget that an effort stands for; above them it is high. */
const EFFORT_OF_BUDGET: readonly (readonly [number, string])[] = [
  [0, 'none'],
  [2048, 'low'],
  [8192, 'medium'],
];

function reasoningOf(reasoning: Reasoning, losses: Losses): JsonObject | undefined {
  const effort = effortOf(reasoning, losses);
  const summary = reasoning.summary || (reasoning.includeThoughts === true ? 'auto' : undefined);
  return effort === undefined && summary === undefined ? undefined : { effort, summary };
}

function effortOf({ effort, budgetTokens }: Reasoning, losses: Losses): string | undefined {
  const path = 'generation.reasoning.budget_tokens';
  if (effort !== ReasoningEffort.UNSPECIFIED) {
    if (budgetTokens !== undefined) losses.dropped(path, 'This format has an effort only, which is sent.');
    return wordOf(EFFORT_OF_WORD, effort);
  }
  if (budgetTokens === undefined) return undefined;
  const word = EFFORT_OF_BUDGET.find(([most]) => budgetTokens <= most)?.[1] ?? 'high';
  losses.approximated(path, `${budgetTokens} tokens are sent as the effort "${word}".`);
  return word;
}
