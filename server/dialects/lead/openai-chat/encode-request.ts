import { type Generation, type Reasoning, ReasoningEffort } from '../../../../gen/sluice/v1/generation_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import { applyQuirks } from '../apply-quirks.ts';
import type { EncodeTarget, WireRequest } from '../../dialect.ts';
import { createLossLog, type LossLog } from '../loss-log.ts';
import { providerOptions } from '../provider-options.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeResponseFormat, encodeToolChoice, encodeTools } from './encode-tools.ts';
import { EFFORT_WORDS, VERBOSITY_WORDS, wordOf } from './words.ts';

type Target = EncodeTarget & { readonly stream: boolean };

/** The request for a provider: the caller's own body patched where it is of this format, else built. */
export function encodeRequest(generation: Generation, target: Target): WireRequest {
  const losses = createLossLog();
  const { quirks, wire } = target;
  const own = wire?.dialect === 'openai-chat' ? wire.json : build(generation, target, losses);
  const body = {
    ...applyQuirks(withRoles(own, target), quirks, losses),
    ...providerOptions(generation.providerOptionsJson, { dialect: 'openai-chat', provider: target.provider }),
    model: target.model,
    ...streaming(own, target),
  };
  return { path: quirks.paths?.chat ?? '/chat/completions', body, warnings: losses.warnings };
}

/** Usage is always asked for; whether the caller sees it is the door's business. */
function streaming(own: JsonObject, { stream, quirks }: Target): JsonObject {
  if (!stream) return { stream: undefined, stream_options: undefined };
  if (quirks.noStreamOptions === true) return { stream: true, stream_options: undefined };
  const given = isJsonObject(own.stream_options) ? own.stream_options : {};
  return { stream: true, stream_options: { ...given, include_usage: true } };
}

/** The developer role under the name that the provider knows. */
function withRoles(body: JsonObject, { quirks }: Target): JsonObject {
  if (quirks.developerRole === undefined || !Array.isArray(body.messages)) return body;
  const messages = body.messages.map((message: JsonValue) =>
    isJsonObject(message) && message.role === 'developer' ? { ...message, role: quirks.developerRole } : message,
  );
  return { ...body, messages };
}

function build(generation: Generation, target: Target, losses: LossLog): JsonObject {
  const { audioOutput, reasoning, responseFormat, toolChoice, tools } = generation;
  if (generation.topK !== undefined) losses.dropped('generation.top_k', 'this format has no top_k');
  if (generation.previousResponseId !== '') {
    losses.dropped('generation.previous_response_id', 'this format keeps no answers');
  }
  return defined({
    messages: encodeMessages(generation.messages, { losses, developerRole: target.quirks.developerRole ?? 'developer' }),
    tools: tools.length === 0 ? undefined : encodeTools(tools, losses),
    tool_choice: toolChoice === undefined ? undefined : encodeToolChoice(toolChoice, tools),
    parallel_tool_calls: generation.parallelToolCalls,
    max_completion_tokens: generation.maxOutputTokens,
    temperature: generation.temperature,
    top_p: generation.topP,
    frequency_penalty: generation.frequencyPenalty,
    presence_penalty: generation.presencePenalty,
    seed: generation.seed === undefined ? undefined : Number(generation.seed),
    stop: generation.stop.length === 0 ? undefined : generation.stop,
    n: generation.n,
    logprobs: generation.logprobs,
    top_logprobs: generation.topLogprobs,
    logit_bias: Object.keys(generation.logitBias).length === 0 ? undefined : generation.logitBias,
    response_format: responseFormat === undefined ? undefined : encodeResponseFormat(responseFormat),
    modalities: generation.modalities.length === 0 ? undefined : generation.modalities,
    audio: audioOutput === undefined ? undefined : { voice: audioOutput.voice, format: audioOutput.format },
    reasoning_effort: reasoning === undefined ? undefined : encodeEffort(reasoning, losses),
    verbosity: wordOf(VERBOSITY_WORDS, generation.verbosity),
    prediction: encodePrediction(generation),
    service_tier: generation.serviceTier || undefined,
    prompt_cache_key: generation.promptCacheKey || undefined,
    safety_identifier: generation.endUserId || undefined,
    store: generation.store,
  });
}

/** Token budgets that other formats' documentation gives for a word of effort. */
const BUDGETS: readonly (readonly [number, ReasoningEffort])[] = [
  [0, ReasoningEffort.NONE],
  [1024, ReasoningEffort.LOW],
  [8192, ReasoningEffort.MEDIUM],
  [Number.POSITIVE_INFINITY, ReasoningEffort.HIGH],
];

function encodeEffort(reasoning: Reasoning, losses: LossLog): string | undefined {
  if (reasoning.includeThoughts !== undefined) {
    losses.dropped('generation.reasoning.include_thoughts', 'providers of this format decide themselves');
  }
  if (reasoning.summary !== '') losses.dropped('generation.reasoning.summary', 'this format has no summaries');
  const { budgetTokens } = reasoning;
  if (reasoning.effort !== ReasoningEffort.UNSPECIFIED) {
    if (budgetTokens !== undefined) losses.dropped('generation.reasoning.budget_tokens', 'the effort says it already');
    return wordOf(EFFORT_WORDS, reasoning.effort);
  }
  if (budgetTokens === undefined) return undefined;
  const effort = BUDGETS.find(([most]) => budgetTokens <= most)?.[1] ?? ReasoningEffort.HIGH;
  losses.approximated('generation.reasoning.budget_tokens', 'sent as a word of effort');
  return wordOf(EFFORT_WORDS, effort);
}

function encodePrediction({ prediction }: Generation): JsonObject | undefined {
  const texts = prediction.flatMap((part) => (part.kind.case === 'text' ? [part.kind.value.text] : []));
  if (texts.length === 0) return undefined;
  const only = texts.length === 1 ? texts[0] : undefined;
  return { type: 'content', content: only ?? texts.map((text) => ({ type: 'text', text })) };
}

/** Without the members that are undefined, so that what is compared and logged is what is sent. */
function defined(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
