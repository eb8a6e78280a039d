import { create } from '@bufbuild/protobuf';
import { type Usage, UsageSchema, UsageSource } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { countOf, objectOf, objectsOf } from '../read-answer.ts';

/** Of tools that the provider runs, as in web_search_requests. */
const TOOL_COUNT = /^(\w{1,64})_requests$/;

/**
 * A usage object; undefined where it holds no count. Tokens of the prompt cache are beside input_tokens there, among the
 * input in the contract. Totals leave out what compacting the conversation took, which is billed all the same, so it is
 * added; the tokens of an advisor, another model's, are not.
 */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  const json = objectOf(value);
  if (json === undefined) return undefined;
  const extra = objectsOf(json['iterations']).filter(({ type }) => type === 'compaction');
  const tools = toolUses(json);
  const counts = Object.entries({
    inputTokens: total(json, extra, inputOf),
    outputTokens: total(json, extra, ({ output_tokens: count }) => countOf(count)),
    cacheReadTokens: total(json, extra, ({ cache_read_input_tokens: count }) => countOf(count)),
    cacheWriteTokens: total(json, extra, ({ cache_creation_input_tokens: count }) => countOf(count)),
    cacheWrite1hTokens: total(json, extra, ({ cache_creation: of }) =>
      countOf(objectOf(of)?.['ephemeral_1h_input_tokens']),
    ),
    reasoningTokens: countOf(objectOf(json['output_tokens_details'])?.['thinking_tokens']),
  }).filter(([, count]) => count !== undefined);
  if (counts.length === 0 && Object.keys(tools).length === 0) return undefined;
  return create(UsageSchema, {
    ...Object.fromEntries(counts),
    providerToolUses: tools,
    source: UsageSource.PROVIDER,
  });
}

type Count = (json: JsonObject) => number | undefined;

/** The object's count with those of its extra iterations; unknown where the object does not say. */
function total(json: JsonObject, extra: readonly JsonObject[], count: Count): number | undefined {
  const own = count(json);
  return own === undefined ? undefined : extra.reduce((sum, iteration) => sum + (count(iteration) ?? 0), own);
}

function inputOf(json: JsonObject): number | undefined {
  const fresh = countOf(json['input_tokens']);
  const written = countOf(json['cache_creation_input_tokens']) ?? 0;
  const read = countOf(json['cache_read_input_tokens']) ?? 0;
  return fresh === undefined ? undefined : fresh + written + read;
}

function toolUses(json: JsonObject): Record<string, number> {
  const entries = Object.entries(objectOf(json['server_tool_use']) ?? {}).flatMap(([name, value]) => {
    const tool = TOOL_COUNT.exec(name)?.[1];
    const count = countOf(value);
    return tool === undefined || tool === '__proto__' || count === undefined ? [] : [[tool, count] as const];
  });
  return Object.fromEntries(entries);
}

/** An object with the members of a later one of the same answer: counts are cumulative, so what is given replaces. */
export function mergeLatest(before: JsonObject, value: JsonValue | undefined): JsonObject {
  const later = Object.entries(objectOf(value) ?? {}).filter(([, member]) => member !== null);
  return { ...before, ...Object.fromEntries(later) };
}

/**
 * The usage member of an answer. SDKs declare both counts as numbers that are always there and calculate with them, so
 * what is unknown is written as 0.
 */
export function encodeUsage(usage: Usage | undefined): JsonObject {
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens } = usage ?? {};
  const cached = (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0);
  const tools = Object.entries(usage?.providerToolUses ?? {}).map(([tool, count]) => [`${tool}_requests`, count]);
  return {
    input_tokens: Math.max(0, inputTokens - cached),
    ...(cacheWriteTokens !== undefined && { cache_creation_input_tokens: cacheWriteTokens }),
    ...(cacheReadTokens !== undefined && { cache_read_input_tokens: cacheReadTokens }),
    ...(cacheWrite1hTokens !== undefined && {
      cache_creation: {
        ephemeral_5m_input_tokens: Math.max(0, (cacheWriteTokens ?? 0) - cacheWrite1hTokens),
        ephemeral_1h_input_tokens: cacheWrite1hTokens,
      },
    }),
    output_tokens: outputTokens,
    ...(usage?.reasoningTokens !== undefined && { output_tokens_details: { thinking_tokens: usage.reasoningTokens } }),
    ...(tools.length > 0 && { server_tool_use: Object.fromEntries(tools) }),
  };
}
