import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { EncodeTarget, WireRequest } from '../dialect.ts';
import { applyFieldQuirks } from '../field-quirks.ts';
import { fitGeneration } from '../fit-generation.ts';
import type { FittedNames } from '../fit-tool-name.ts';
import { noteForeignMembers } from '../foreign-members.ts';
import { createLosses, type Losses } from '../losses.ts';
import { readProviderOptions } from '../provider-options.ts';
import { providerPath } from '../provider-path.ts';
import { refuseStoredConversation } from '../refuse-stored-conversation.ts';
import { encodeGeneration } from './encode-generation.ts';
import { canSee, canThink } from './model-traits.ts';
import { CHAT_PATH, DIALECT } from './wire.ts';

type ChatTarget = EncodeTarget & { readonly stream: boolean };

/**
 * The request for a provider that speaks Cohere's chat API. A caller's body of this format goes along as it is, unknown
 * members too, but for model and stream; any other call is encoded from its canonical form, with a warning for each loss.
 * Options (documents, citation_options, safety_mode and so on) are set in the body. Throws SluiceError INVALID_REQUEST
 * where JSON text within the canonical form is broken.
 */
export function encodeRequest(generation: Generation, target: ChatTarget): WireRequest {
  const { quirks, model, stream } = target;
  const losses = createLosses();
  const options = readProviderOptions({
    options: generation.providerOptionsJson,
    path: 'generation.provider_options_json',
    keys: [DIALECT, target.provider],
    reserved: RESERVED,
    losses,
  });
  const fitted = fitForeign(generation, target, losses);
  const { stream: _, ...asked } = { ...bodyOf(fitted.generation, target, losses), ...options };
  return {
    path: providerPath(quirks.paths?.chat ?? CHAT_PATH, model),
    body: applyFieldQuirks({ ...asked, stream, model }, { quirks, losses, paths: CANONICAL_PATHS }),
    warnings: losses.warnings,
    ...(fitted.names !== undefined && { toolNames: fitted.names }),
  };
}

/** Names are those of the other formats, which do not begin with a digit: https://docs.cohere.com/reference/chat */
const TOOL_NAME_RULE = { pattern: /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/, length: 64 } as const;

function fitForeign(generation: Generation, { wire }: ChatTarget, losses: Losses): FittedNames {
  if (wire?.dialect === DIALECT) return { generation, names: undefined };
  refuseStoredConversation(generation, wire);
  noteForeignMembers(wire, losses);
  return fitGeneration(generation, TOOL_NAME_RULE, losses);
}

const RESERVED: ReadonlySet<string> = new Set(['model', 'messages', 'stream', '__proto__']);

function bodyOf(generation: Generation, { wire, model }: ChatTarget, losses: Losses): JsonObject {
  if (wire?.dialect === DIALECT) return wire.json;
  return encodeGeneration(generation, { losses, canThink: canThink(model), canSee: canSee(model) });
}

/** Where the members of a body stand in the canonical request. */
const CANONICAL_PATHS: ReadonlyMap<string, string> = new Map([
  ['max_tokens', 'generation.max_output_tokens'],
  ['p', 'generation.top_p'],
  ['k', 'generation.top_k'],
  ['stop_sequences', 'generation.stop'],
  ['thinking', 'generation.reasoning'],
  ['strict_tools', 'generation.tools'],
  ...[
    'messages',
    'tools',
    'tool_choice',
    'temperature',
    'frequency_penalty',
    'presence_penalty',
    'seed',
    'logprobs',
    'response_format',
  ].map((member): [string, string] => [member, `generation.${member}`]),
]);
