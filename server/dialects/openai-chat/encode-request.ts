import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { EncodeTarget, WireRequest } from '../dialect.ts';
import { applyFieldQuirks } from '../field-quirks.ts';
import { fitGeneration } from '../fit-generation.ts';
import { type FittedNames, OPENAI_TOOL_NAMES } from '../fit-tool-name.ts';
import { noteForeignMembers } from '../foreign-members.ts';
import { createLosses, type Losses } from '../losses.ts';
import { readProviderOptions } from '../provider-options.ts';
import { providerPath } from '../provider-path.ts';
import { refuseStoredConversation } from '../refuse-stored-conversation.ts';
import { encodeGeneration } from './encode-generation.ts';
import { fitMessages } from './fit-messages.ts';
import { CHAT_PATH, DIALECT } from './wire.ts';

type ChatTarget = EncodeTarget & { readonly stream: boolean };

/**
 * The request for a provider that speaks this format. A caller's body of this format goes along as it is, unknown
 * members too, but for the model, streaming and what the provider's quirks and options ask; any other call is encoded
 * from its canonical form, with a warning for each loss. Throws SluiceError INVALID_REQUEST where JSON text within the
 * canonical form is broken, and UNSUPPORTED_PARAMETER where the question would become another one.
 */
export function encodeRequest(generation: Generation, target: ChatTarget): WireRequest {
  const { quirks } = target;
  const losses = createLosses();
  const options = readProviderOptions({
    options: generation.providerOptionsJson,
    path: 'generation.provider_options_json',
    keys: [DIALECT, target.provider],
    reserved: RESERVED,
    losses,
  });
  const fitted = fitForeign(generation, target, losses);
  const asked = askedBody(fitted.generation, target, losses);
  const messages = fitMessages(asked['messages'], quirks, losses);
  const body = {
    ...withStream({ ...asked, messages, ...options }, target),
    model: target.model,
  };
  return {
    path: providerPath(quirks.paths?.chat ?? CHAT_PATH, target.model),
    body: applyFieldQuirks(body, { quirks, losses, paths: CANONICAL_PATHS }),
    warnings: losses.warnings,
    ...(fitted.names !== undefined && { toolNames: fitted.names }),
  };
}

const RESERVED: ReadonlySet<string> = new Set(['model', 'messages', 'stream', 'stream_options', '__proto__']);

function fitForeign(generation: Generation, { wire }: ChatTarget, losses: Losses): FittedNames {
  if (wire?.dialect === DIALECT) return { generation, names: undefined };
  refuseStoredConversation(generation, wire);
  noteForeignMembers(wire, losses);
  return fitGeneration(generation, OPENAI_TOOL_NAMES, losses);
}

function askedBody(generation: Generation, target: ChatTarget, losses: Losses): JsonObject {
  if (target.wire?.dialect === DIALECT) return target.wire.json;
  return encodeGeneration(generation, { quirks: target.quirks, losses });
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
