import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { EncodeTarget, WireBody, WireRequest } from '../dialect.ts';
import { applyFieldQuirks } from '../field-quirks.ts';
import { fitGeneration } from '../fit-generation.ts';
import type { FittedNames } from '../fit-tool-name.ts';
import { noteForeignMembers } from '../foreign-members.ts';
import { createLosses, type Losses } from '../losses.ts';
import { readProviderOptions } from '../provider-options.ts';
import { holdsModel, providerPath } from '../provider-path.ts';
import { refuseStoredConversation } from '../refuse-stored-conversation.ts';
import { encodeGeneration, encodePrompt } from './encode-generation.ts';
import { fitOwnBody } from './fit-own-body.ts';
import {
  BETA_HEADER,
  COUNT_TOKENS_PATH,
  DEFAULT_VERSION,
  DIALECT,
  MESSAGES_PATH,
  VERSION_FIELD,
  VERSION_HEADER,
} from './wire.ts';

type ChatTarget = EncodeTarget & { readonly stream: boolean };

/**
 * The request for a provider that speaks this format. A caller's body of this format goes along as it is, unknown members
 * too, but for the model, streaming and what the provider's quirks and options ask; any other call is encoded from its
 * canonical form, with a warning for each loss. Throws SluiceError INVALID_REQUEST where JSON text within the canonical
 * form is broken, and UNSUPPORTED_PARAMETER where the question would become another one.
 */
export function encodeRequest(generation: Generation, target: ChatTarget): WireRequest {
  const { quirks, stream } = target;
  const losses = createLosses();
  const own = ownWire(target);
  const fitted = own === undefined ? fitForeign(generation, target, losses) : { generation, names: undefined };
  const asked =
    own === undefined ? encodeGeneration(fitted.generation, { ...target, losses }) : fitOwnBody(own.json, losses);
  const streamed = stream || asked['stream'] === true ? { stream } : {};
  const body = { ...asked, ...optionsFor(generation, target, losses), ...streamed };
  const paths = { plain: quirks.paths?.chat ?? MESSAGES_PATH, streamed: quirks.paths?.chatStream };
  const request = finish(body, (stream ? paths.streamed : undefined) ?? paths.plain, { target, own, losses });
  return fitted.names === undefined ? request : { ...request, toolNames: fitted.names };
}

/** The request for a count of tokens. Throws as encodeRequest does. */
export function encodeCountRequest(generation: Generation, target: EncodeTarget): WireRequest {
  const losses = createLosses();
  const own = ownWire(target);
  const body =
    own === undefined
      ? encodePrompt(fitForeign(generation, target, losses).generation, { ...target, losses }).body
      : fitOwnBody(own.json, losses);
  return finish(body, target.quirks.paths?.countTokens ?? COUNT_TOKENS_PATH, { target, own, losses });
}

/** What the API takes as the name of a tool: https://platform.claude.com/docs/en/api/messages#body-tools */
const TOOL_NAME_RULE = { pattern: /^[a-zA-Z0-9_-]{1,128}$/, length: 128 } as const;

function fitForeign(generation: Generation, { wire }: EncodeTarget, losses: Losses): FittedNames {
  refuseStoredConversation(generation, wire);
  noteForeignMembers(wire, losses);
  return fitGeneration(generation, TOOL_NAME_RULE, losses);
}

function ownWire({ wire }: EncodeTarget): WireBody | undefined {
  return wire?.dialect === DIALECT ? wire : undefined;
}

function optionsFor(generation: Generation, target: EncodeTarget, losses: Losses): JsonObject {
  return readProviderOptions({
    options: generation.providerOptionsJson,
    path: 'generation.provider_options_json',
    keys: [DIALECT, target.provider],
    reserved: RESERVED,
    losses,
  });
}

/** What the gateway decides: routing and policies were applied to it already. */
export const RESERVED: ReadonlySet<string> = new Set(['model', 'messages', 'system', 'stream', '__proto__']);

interface FinishTerms {
  readonly target: EncodeTarget;
  readonly own: WireBody | undefined;
  readonly losses: Losses;
}

function finish(asked: JsonObject, path: string, { target, own, losses }: FinishTerms): WireRequest {
  const { quirks, model } = target;
  const { model: _, ...rest } = asked;
  const named = quirks.modelInPath === true && holdsModel(path) ? rest : { ...rest, model };
  const body = applyFieldQuirks(named, { quirks, losses, paths: CANONICAL_PATHS });
  return {
    path: providerPath(path, model),
    headers: headersFor(body, own),
    body,
    warnings: losses.warnings,
  };
}

/** A caller's beta features go along with its body only: they change what members mean. */
function headersFor(body: JsonObject, own: WireBody | undefined): Record<string, string> {
  const beta = own?.headers?.[BETA_HEADER];
  const version = own?.headers?.[VERSION_HEADER] ?? DEFAULT_VERSION;
  return {
    ...(body[VERSION_FIELD] === undefined && { [VERSION_HEADER]: version }),
    ...(beta !== undefined && { [BETA_HEADER]: beta }),
  };
}

/** Where the members of a body stand in the canonical request. */
const CANONICAL_PATHS: ReadonlyMap<string, string> = new Map([
  ['max_tokens', 'generation.max_output_tokens'],
  ['messages', 'generation.messages'],
  ['system', 'generation.messages'],
  ['tools', 'generation.tools'],
  ['tool_choice', 'generation.tool_choice'],
  ['temperature', 'generation.temperature'],
  ['top_p', 'generation.top_p'],
  ['top_k', 'generation.top_k'],
  ['stop_sequences', 'generation.stop'],
  ['thinking', 'generation.reasoning'],
  ['output_config', 'generation.response_format'],
  ['metadata', 'generation.end_user_id'],
  ['service_tier', 'generation.service_tier'],
]);
