import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import { Verbosity } from '../../../gen/sluice/v1/generation_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { EncodeTarget, WireRequest } from '../dialect.ts';
import { applyFieldQuirks } from '../field-quirks.ts';
import { fitGeneration } from '../fit-generation.ts';
import type { FittedNames } from '../fit-tool-name.ts';
import { noteForeignMembers } from '../foreign-members.ts';
import { createLosses, type Losses } from '../losses.ts';
import { readProviderOptions } from '../provider-options.ts';
import { refuseStoredConversation } from '../refuse-stored-conversation.ts';
import { encodeConfig } from './encode-config.ts';
import { encodeContents } from './encode-contents.ts';
import { encodeFormat } from './encode-format.ts';
import { encodeToolConfig, encodeTools } from './encode-tools.ts';
import { traitsOf } from './model-traits.ts';
import { camelCase } from './proto-members.ts';
import { DIALECT, METHOD_PATHS, modelPath } from './wire.ts';

type ChatTarget = EncodeTarget & { readonly stream: boolean };

/**
 * The request for a provider that speaks this format. A caller's body of this format goes along as it is, unknown members
 * too; any other call is encoded from its canonical form, with a warning for each loss. Model and streaming stand in the
 * path. Throws SluiceError INVALID_REQUEST where JSON text within the canonical form is broken.
 */
export function encodeRequest(generation: Generation, target: ChatTarget): WireRequest {
  const losses = createLosses();
  const { generation: fitted, names } = fitForeign(generation, target, losses);
  const { paths } = target.quirks;
  const chat = paths?.chat ?? METHOD_PATHS.generateContent;
  const path = target.stream ? (paths?.chatStream ?? paths?.chat ?? METHOD_PATHS.streamGenerateContent) : chat;
  return {
    path: modelPath(path, target.model),
    body: encodeBody(fitted, target, losses),
    warnings: losses.warnings,
    ...(names !== undefined && { toolNames: names }),
  };
}

/** "Must start with a letter or an underscore", the API says of other names; Vertex AI takes colons too. */
const TOOL_NAME_RULE = { pattern: /^[a-zA-Z_][\w.-]{0,63}$/, length: 64 } as const;

/** A request of another format with names and schemas of tools that are taken here. Answers may be of any schema. */
export function fitForeign(generation: Generation, { wire }: EncodeTarget, losses: Losses): FittedNames {
  if (wire?.dialect === DIALECT) return { generation, names: undefined };
  refuseStoredConversation(generation, wire);
  noteForeignMembers(wire, losses);
  const { responseFormat } = generation;
  const { responseFormat: _, ...rest } = generation;
  const { generation: fitted, names } = fitGeneration(rest, TOOL_NAME_RULE, losses);
  return { generation: responseFormat === undefined ? fitted : { ...fitted, responseFormat }, names };
}

/** The body, which says the same whether the answer is streamed, in one piece, or only counted. */
export function encodeBody(generation: Generation, target: EncodeTarget, losses: Losses): JsonObject {
  const { quirks, wire } = target;
  const own = wire?.dialect === DIALECT ? wire.json : undefined;
  const options = readProviderOptions({
    options: generation.providerOptionsJson,
    path: 'generation.provider_options_json',
    keys: [DIALECT, target.provider],
    reserved: RESERVED,
    losses,
  });
  const asked = own === undefined ? encodeGeneration(generation, target, losses) : own;
  return applyFieldQuirks(withOptions(asked, options), { quirks, losses, paths: CANONICAL_PATHS });
}

const RESERVED: ReadonlySet<string> = new Set(['model', 'contents', '__proto__']);

/** Members that hold settings of several kinds: an option for one does not undo the others. */
const MERGED: ReadonlySet<string> = new Set(['generationConfig', 'toolConfig']);

/** The model is no member of the body: SDKs that write it there mean the caller's name for it. */
function withOptions({ model: _, ...body }: JsonObject, options: JsonObject): JsonObject {
  if (Object.keys(options).length === 0) return body;
  // One spelling, or a member would be there twice.
  const members = new Map(Object.entries(body).map(([name, value]) => [camelCase(name), value]));
  for (const [given, value] of Object.entries(options)) {
    const name = camelCase(given);
    const before = members.get(name);
    const merge = MERGED.has(name) && isJsonObject(before) && isJsonObject(value);
    members.set(name, merge ? { ...before, ...value } : value);
  }
  return Object.fromEntries(members);
}

function encodeGeneration(generation: Generation, { model, quirks }: EncodeTarget, losses: Losses): JsonObject {
  noteLosses(generation, losses);
  const traits = traitsOf(model);
  const { contents, system } = encodeContents(generation.messages, model, losses);
  const { members, instruction } = encodeFormat(generation, { losses, traits });
  const told = instruction === '' ? system : [...system, { text: instruction }];
  // Paths of their own are Vertex AI's, which does not document that both kinds of tools can be mixed.
  const mixed = traits.ownToolsBesideFunctions && quirks.paths?.chat === undefined;
  const tools = encodeTools(generation.tools, { losses, mixed });
  const chosen = encodeToolConfig(generation.toolChoice, generation.tools, losses);
  return {
    contents,
    systemInstruction: told.length === 0 ? undefined : { parts: told },
    tools,
    toolConfig: isMixed(tools) ? { ...chosen, includeServerSideToolInvocations: true } : chosen,
    generationConfig: encodeConfig(generation, { model, format: members, losses }),
    serviceTier: serviceTier(generation.serviceTier, losses),
  };
}

/** Functions have one entry, in front. */
function isMixed(tools: readonly JsonObject[] | undefined): boolean {
  return tools !== undefined && tools.length > 1 && tools[0]?.['functionDeclarations'] !== undefined;
}

/** What the format has no member for. Calls run in parallel as the model likes, and nothing is stored. */
function noteLosses(generation: Generation, losses: Losses): void {
  const unknown: readonly (readonly [string, boolean, string])[] = [
    ['parallel_tool_calls', generation.parallelToolCalls === false, 'cannot keep the model from several calls at once'],
    ['logit_bias', Object.keys(generation.logitBias).length > 0, 'has no bias of tokens'],
    ['verbosity', generation.verbosity !== Verbosity.UNSPECIFIED, 'has no verbosity'],
    ['prediction', generation.prediction.length > 0, 'has no predictions'],
    ['prompt_cache_key', generation.promptCacheKey !== '', 'has no keys of prompt caches'],
    ['end_user_id', generation.endUserId !== '', 'has no end users'],
    ['store', generation.store === true, 'stores no answers'],
  ];
  for (const [field, lost, story] of unknown) if (lost) losses.dropped(`generation.${field}`, `This format ${story}.`);
}

/** Google's words, and OpenAI's word for the usual one. "auto" is what happens anyway. */
const TIERS: ReadonlyMap<string, string | undefined> = new Map([
  ['', undefined],
  ['auto', undefined],
  ['default', 'standard'],
  ['standard', 'standard'],
  ['flex', 'flex'],
  ['priority', 'priority'],
]);

function serviceTier(word: string, losses: Losses): string | undefined {
  if (!TIERS.has(word))
    losses.dropped('generation.service_tier', `The provider has no class of service named ${word}.`);
  return TIERS.get(word);
}

/** Where the members of a body stand in the canonical request. */
const CANONICAL_PATHS: ReadonlyMap<string, string> = new Map([
  ['systemInstruction', 'generation.messages'],
  ['tools', 'generation.tools'],
  ['toolConfig', 'generation.tool_choice'],
  ['serviceTier', 'generation.service_tier'],
]);
