import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
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
import { traitsOf } from './model-traits.ts';
import { CHAT_PATH, CHAT_STREAM_PATH, DIALECT, EVENT_STREAM_TYPE } from './wire.ts';

type ChatTarget = EncodeTarget & { readonly stream: boolean };

/**
 * The request for Amazon Bedrock. The model and whether the answer is streamed stand in its path. A caller's body of this
 * format goes along as it is, unknown members too; any other call is encoded from its canonical form, with a warning for
 * each loss. Options (guardrailConfig, performanceConfig, outputConfig and so on) are set in the body; those for the model
 * alone add to the others. Throws SluiceError INVALID_REQUEST where JSON text within the canonical form is broken.
 */
export function encodeRequest(generation: Generation, target: ChatTarget): WireRequest {
  const { quirks, stream, model } = target;
  const losses = createLosses();
  const options = readProviderOptions({
    options: generation.providerOptionsJson,
    path: 'generation.provider_options_json',
    keys: [DIALECT, target.provider],
    reserved: RESERVED,
    losses,
  });
  const fitted = fitForeign(generation, target, losses);
  const body = withOptions(bodyOf(fitted.generation, target, losses), options);
  const path = stream ? (quirks.paths?.chatStream ?? CHAT_STREAM_PATH) : (quirks.paths?.chat ?? CHAT_PATH);
  return {
    path: providerPath(path, model),
    ...(stream && { headers: { accept: EVENT_STREAM_TYPE } }),
    body: applyFieldQuirks(body, { quirks, losses, paths: CANONICAL_PATHS }),
    warnings: losses.warnings,
    ...(fitted.names !== undefined && { toolNames: fitted.names }),
  };
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolSpecification.html, less what tool-names.ts adds. */
const TOOL_NAME_RULE = { pattern: /^[a-zA-Z0-9_-]{1,63}$/, length: 63 } as const;

function fitForeign(generation: Generation, { wire }: ChatTarget, losses: Losses): FittedNames {
  if (wire?.dialect === DIALECT) return { generation, names: undefined };
  refuseStoredConversation(generation, wire);
  noteForeignMembers(wire, losses);
  return fitGeneration(generation, TOOL_NAME_RULE, losses);
}

const RESERVED: ReadonlySet<string> = new Set(['modelId', 'messages', 'system', '__proto__']);

function bodyOf(generation: Generation, { wire, model }: ChatTarget, losses: Losses): JsonObject {
  if (wire?.dialect === DIALECT) return wire.json;
  return encodeGeneration(generation, { losses, traits: traitsOf(model) });
}

const FOR_THE_MODEL = 'additionalModelRequestFields';

function withOptions(body: JsonObject, options: JsonObject): JsonObject {
  const [own, more] = [body[FOR_THE_MODEL], options[FOR_THE_MODEL]];
  const both = isJsonObject(own) && isJsonObject(more) ? { [FOR_THE_MODEL]: { ...own, ...more } } : {};
  return { ...body, ...options, ...both };
}

/** Where the members of a body stand in the canonical request. */
const CANONICAL_PATHS: ReadonlyMap<string, string> = new Map([
  ['messages', 'generation.messages'],
  ['system', 'generation.messages'],
  ['toolConfig', 'generation.tools'],
  ['serviceTier', 'generation.service_tier'],
]);
