import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { EncodeTarget, WireRequest } from '../dialect.ts';
import { applyFieldQuirks } from '../field-quirks.ts';
import { noteForeignMembers } from '../foreign-members.ts';
import { createLosses, type Losses } from '../losses.ts';
import { readProviderOptions } from '../provider-options.ts';
import { providerPath } from '../provider-path.ts';
import { refuseStoredConversation } from '../refuse-stored-conversation.ts';
import { encodePrompt } from './prompt-text.ts';
import { COMPLETIONS_PATH, DIALECT, MAX_LOGPROBS } from './wire.ts';

type CompletionTarget = EncodeTarget & { readonly stream: boolean };

/**
 * The request for a provider that speaks this format. A caller's body of this format goes along as it is, unknown
 * members too, but for the model, streaming and what the provider's quirks and options ask; any other call is encoded
 * from its canonical form, with a warning for each loss. Throws SluiceError UNSUPPORTED_PARAMETER where the question would
 * become another one.
 */
export function encodeRequest(generation: Generation, target: CompletionTarget): WireRequest {
  const { quirks, model } = target;
  const losses = createLosses();
  const options = readProviderOptions({
    options: generation.providerOptionsJson,
    path: 'generation.provider_options_json',
    keys: [DIALECT, target.provider],
    reserved: RESERVED,
    losses,
  });
  const body = { ...withStream({ ...askedBody(generation, target, losses), ...options }, target), model };
  return {
    path: providerPath(quirks.paths?.completions ?? COMPLETIONS_PATH, model),
    body: applyFieldQuirks(body, { quirks, losses, paths: CANONICAL_PATHS }),
    warnings: losses.warnings,
  };
}

const RESERVED: ReadonlySet<string> = new Set(['model', 'prompt', 'stream', 'stream_options', '__proto__']);

function askedBody(generation: Generation, { wire }: CompletionTarget, losses: Losses): JsonObject {
  if (wire?.dialect === DIALECT) return wire.json;
  refuseStoredConversation(generation, wire);
  noteForeignMembers(wire, losses);
  return encodeGeneration(generation, losses);
}

/** Usage is always asked for: the gateway settles by it, whether the caller wants to see it or not. */
function withStream(body: JsonObject, { stream, quirks }: CompletionTarget): JsonObject {
  const { stream_options: options, ...others } = body;
  if (!stream) return body['stream'] === true ? { ...others, stream: false } : body;
  if (quirks.noStreamOptions === true) return { ...others, stream: true };
  const streamOptions = { ...(isJsonObject(options) ? options : {}), include_usage: true };
  return { ...others, stream: true, stream_options: streamOptions };
}

function encodeGeneration(generation: Generation, losses: Losses): JsonObject {
  noteAbsentFields(generation, losses);
  return {
    prompt: encodePrompt(generation.messages, losses),
    max_tokens: generation.maxOutputTokens,
    temperature: generation.temperature,
    top_p: generation.topP,
    frequency_penalty: generation.frequencyPenalty,
    presence_penalty: generation.presencePenalty,
    seed: generation.seed === undefined ? undefined : seedNumber(generation.seed, losses),
    stop: stopTexts(generation.stop, losses),
    n: generation.n,
    logprobs: alternatives(generation, losses),
    logit_bias: Object.keys(generation.logitBias).length === 0 ? undefined : generation.logitBias,
    user: generation.endUserId || undefined,
  };
}

/** Fields of the contract that the format has no member for: whether they are set, and their names. */
const ABSENT_FIELDS: readonly (readonly [(generation: Generation) => boolean, string])[] = [
  [({ tools }) => tools.length > 0, 'tools'],
  [({ toolChoice }) => toolChoice !== undefined, 'tool_choice'],
  [({ parallelToolCalls }) => parallelToolCalls !== undefined, 'parallel_tool_calls'],
  [({ topK }) => topK !== undefined, 'top_k'],
  [({ responseFormat }) => (responseFormat?.kind.case ?? 'text') !== 'text', 'response_format'],
  [({ modalities }) => modalities.some((word) => word !== 'text'), 'modalities'],
  [({ audioOutput }) => audioOutput !== undefined, 'audio_output'],
  [({ reasoning }) => reasoning !== undefined, 'reasoning'],
  [({ verbosity }) => verbosity !== 0, 'verbosity'],
  [({ prediction }) => prediction.length > 0, 'prediction'],
  [({ serviceTier }) => serviceTier !== '', 'service_tier'],
  [({ promptCacheKey }) => promptCacheKey !== '', 'prompt_cache_key'],
  [({ store }) => store === true, 'store'],
];

function noteAbsentFields(generation: Generation, losses: Losses): void {
  for (const [isSet, name] of ABSENT_FIELDS) {
    if (isSet(generation)) losses.dropped(`generation.${name}`, `This format has no ${name}.`);
  }
}

/** OpenAI refuses more. */
const MAX_STOPS = 4;

function stopTexts(stop: readonly string[], losses: Losses): readonly string[] | undefined {
  if (stop.length > MAX_STOPS) losses.clamped('generation.stop', `The first ${MAX_STOPS} texts are sent.`);
  return stop.length === 0 ? undefined : stop.slice(0, MAX_STOPS);
}

/** Numbers of JSON are doubles to most readers. */
function seedNumber(seed: bigint, losses: Losses): number {
  if (!Number.isSafeInteger(Number(seed))) {
    losses.approximated('generation.seed', 'The seed is sent as the nearest double.');
  }
  return Number(seed);
}

function alternatives({ logprobs, topLogprobs = 0 }: Generation, losses: Losses): number | undefined {
  if (logprobs !== true) return undefined;
  if (topLogprobs <= MAX_LOGPROBS) return topLogprobs;
  losses.clamped('generation.top_logprobs', `${topLogprobs} is sent as ${MAX_LOGPROBS}, the most that is given.`);
  return MAX_LOGPROBS;
}

/** Where the members of a body stand in the canonical request. */
const CANONICAL_PATHS: ReadonlyMap<string, string> = new Map([
  ['prompt', 'generation.messages'],
  ['max_tokens', 'generation.max_output_tokens'],
  ['user', 'generation.end_user_id'],
  ...[
    'temperature',
    'top_p',
    'frequency_penalty',
    'presence_penalty',
    'seed',
    'stop',
    'n',
    'logprobs',
    'logit_bias',
  ].map((member): [string, string] => [member, `generation.${member}`]),
]);
