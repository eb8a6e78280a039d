import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { EncodeTarget, WireRequest } from '../dialect.ts';
import { applyFieldQuirks } from '../field-quirks.ts';
import { fitGeneration } from '../fit-generation.ts';
import { type FittedNames, OPENAI_TOOL_NAMES } from '../fit-tool-name.ts';
import { noteForeignMembers } from '../foreign-members.ts';
import { createLosses, type Losses } from '../losses.ts';
import { readProviderOptions } from '../provider-options.ts';
import { providerPath } from '../provider-path.ts';
import { encodeGeneration } from './encode-generation.ts';
import { withoutForeignThoughts } from './foreign-thoughts.ts';
import { DIALECT, RESPONSES_PATH } from './wire.ts';

type ResponsesTarget = EncodeTarget & { readonly stream: boolean };

/**
 * The request for a provider that speaks this format. A caller's body of this format goes along as it is, unknown
 * members too, but for the model, streaming and what the provider's quirks and options ask; any other call is encoded
 * from its canonical form, with a warning for each loss. Throws SluiceError INVALID_REQUEST where JSON text within the
 * canonical form is broken, and UNSUPPORTED_PARAMETER where the question would become another one.
 */
export function encodeRequest(generation: Generation, target: ResponsesTarget): WireRequest {
  const { quirks, model } = target;
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
  const body = { ...withStream({ ...asked, ...options }, target), model };
  return {
    path: providerPath(quirks.paths?.responses ?? RESPONSES_PATH, model),
    body: applyFieldQuirks(body, { quirks, losses, paths: CANONICAL_PATHS }),
    warnings: losses.warnings,
    ...(fitted.names !== undefined && { toolNames: fitted.names }),
  };
}

const RESERVED: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'background',
  '__proto__',
]);

function fitForeign(generation: Generation, { wire }: ResponsesTarget, losses: Losses): FittedNames {
  if (wire?.dialect === DIALECT) return { generation, names: undefined };
  noteForeignMembers(wire, losses);
  return fitGeneration(generation, OPENAI_TOOL_NAMES, losses);
}

function askedBody(generation: Generation, { wire }: ResponsesTarget, losses: Losses): JsonObject {
  if (wire?.dialect === DIALECT) return withoutForeignThoughts(wire.json, losses);
  return encodeGeneration(generation, losses);
}

function withStream(body: JsonObject, { stream }: ResponsesTarget): JsonObject {
  if (stream) return { ...body, stream: true };
  if (body['stream'] !== true) return body;
  const { stream_options: _, ...others } = body;
  return { ...others, stream: false };
}

/** Where the members of a body stand in the canonical request. */
const CANONICAL_PATHS: ReadonlyMap<string, string> = new Map([
  ...[
    ['input', 'messages'],
    ['instructions', 'messages'],
    ['text', 'response_format'],
    ['user', 'end_user_id'],
    ['safety_identifier', 'end_user_id'],
  ].map(([member = '', field = '']): [string, string] => [member, `generation.${field}`]),
  ...[
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'max_output_tokens',
    'temperature',
    'top_p',
    'top_logprobs',
    'reasoning',
    'service_tier',
    'prompt_cache_key',
    'store',
    'previous_response_id',
  ].map((member): [string, string] => [member, `generation.${member}`]),
]);
