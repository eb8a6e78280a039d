import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { EncodeTarget, WireRequest } from '../dialect.ts';
import { applyFieldQuirks } from '../field-quirks.ts';
import { createLosses } from '../losses.ts';
import { readProviderOptions } from '../provider-options.ts';
import { encodeGeneration } from './encode-generation.ts';
import { CHAT_PATH, DIALECT } from './wire.ts';

type ChatTarget = EncodeTarget & { readonly stream: boolean };

/**
 * The request for a provider that speaks this format. A caller's body of this format goes along as it is, unknown
 * members too, but for the model, streaming and what the provider's quirks and options ask; any other call is encoded
 * from its canonical form, with a warning for each loss. Throws SluiceError INVALID_REQUEST where JSON text within the
 * canonical form is broken.
 */
export function encodeRequest(generation: Generation, target: ChatTarget): WireRequest {
  const { quirks } = target;
  const losses = createLosses();
  const own = target.wire?.dialect === DIALECT ? target.wire.json : undefined;
  const options = readProviderOptions({
    options: generation.providerOptionsJson,
    path: 'generation.provider_options_json',
    keys: [DIALECT, target.provider],
    reserved: RESERVED,
    losses,
  });
  const asked = own === undefined ? encodeGeneration(generation, { quirks, losses }) : withRoles(own, target);
  const body = { ...withStream({ ...asked, ...options }, target), model: target.model };
  return {
    path: quirks.paths?.chat ?? CHAT_PATH,
    body: applyFieldQuirks(body, { quirks, losses, paths: CANONICAL_PATHS }),
    warnings: losses.warnings,
  };
}

const RESERVED: ReadonlySet<string> = new Set(['model', 'messages', 'stream', 'stream_options', '__proto__']);

/** The caller's body with the developer's messages as the system's, where the provider wants it so. */
function withRoles(body: JsonObject, { quirks }: ChatTarget): JsonObject {
  const { messages } = body;
  if (quirks.developerRole === undefined || !Array.isArray(messages)) return body;
  const role = quirks.developerRole;
  const changed = messages.map((message) =>
    isJsonObject(message) && message['role'] === 'developer' ? { ...message, role } : message,
  );
  return { ...body, messages: changed };
}

/** Usage is always asked for: the gateway settles by it, whether the caller wants to see it or not. */
function withStream(body: JsonObject, { stream, quirks }: ChatTarget): JsonObject {
  const { stream_options: options, ...others } = body;
  if (!stream) return body['stream'] === true ? { ...others, stream: false } : body;
  if (quirks.noStreamOptions === true) return { ...others, stream: true };
  const streamOptions = { ...(isJsonObject(options) ? options : {}), include_usage: true };
  return { ...others, stream: true, stream_options: streamOptions };
}

/** Where the members of a body stand in the canonical request. */
const CANONICAL_PATHS: ReadonlyMap<string, string> = new Map([
  ...[
    ['max_tokens', 'max_output_tokens'],
    ['max_completion_tokens', 'max_output_tokens'],
    ['audio', 'audio_output'],
    ['reasoning_effort', 'reasoning.effort'],
    ['user', 'end_user_id'],
    ['safety_identifier', 'end_user_id'],
    ['functions', 'tools'],
    ['function_call', 'tool_choice'],
  ].map(([member = '', field = '']): [string, string] => [member, `generation.${field}`]),
  ...[
    'messages',
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'temperature',
    'top_p',
    'frequency_penalty',
    'presence_penalty',
    'seed',
    'stop',
    'n',
    'logprobs',
    'top_logprobs',
    'logit_bias',
    'response_format',
    'modalities',
    'verbosity',
    'prediction',
    'service_tier',
    'prompt_cache_key',
    'store',
  ].map((member): [string, string] => [member, `generation.${member}`]),
]);
