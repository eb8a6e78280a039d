import { isJsonObject } from '../core/json.ts';
import { byKind, each, type Held, type HeldTable, members, whole, words } from './held-members.ts';

const CACHE_CONTROL = members({ type: true, ttl: words('5m', '1h') });

/** Sources that are not named leave their block as it is. */
const SOURCE: Held = byKind('type', {
  base64: members(whole('type', 'data', 'media_type')),
  text: members(whole('type', 'data', 'media_type')),
  url: members(whole('type', 'url')),
  file: members(whole('type', 'file_id')),
});

const RESULT_BLOCKS = {
  // Citations are kept as they are where the contract has nothing for them.
  text: members({ ...whole('type', 'text', 'citations'), cache_control: CACHE_CONTROL }),
  image: members({ type: true, source: SOURCE, cache_control: CACHE_CONTROL }),
  document: members({
    ...whole('type', 'title', 'context'),
    source: SOURCE,
    citations: members({ enabled: true }),
    cache_control: CACHE_CONTROL,
  }),
} as const;

const BLOCK: Held = byKind('type', {
  ...RESULT_BLOCKS,
  tool_use: members({
    ...whole('type', 'id', 'name', 'input'),
    // A caller that is the model itself goes without saying.
    caller: byKind('type', { direct: true }, false),
    cache_control: CACHE_CONTROL,
  }),
  tool_result: members({
    ...whole('type', 'tool_use_id', 'is_error'),
    content: each(byKind('type', RESULT_BLOCKS)),
    cache_control: CACHE_CONTROL,
  }),
  thinking: members({ ...whole('type', 'thinking', 'signature'), cache_control: CACHE_CONTROL }),
  redacted_thinking: members({ ...whole('type', 'data'), cache_control: CACHE_CONTROL }),
});

const FUNCTION = members({
  ...whole('type', 'name', 'description', 'input_schema', 'strict'),
  cache_control: CACHE_CONTROL,
});

/** Tools without a type are functions; those of other types are the provider's own, and go along whole. */
const TOOL: Held = byKind('type', { custom: FUNCTION }, (value) =>
  isJsonObject(value) && (value['type'] ?? null) === null ? FUNCTION : true,
);

const FORMAT: Held = byKind('type', { json_schema: members(whole('type', 'schema')) }, false);

/** What the canonical request holds of a body of Anthropic's Messages API, or what foreign-members.ts tells of. */
export const ANTHROPIC_MEMBERS: HeldTable = {
  body: members({
    ...whole('model', 'stream', 'max_tokens', 'service_tier', 'stop_sequences', 'temperature', 'top_k', 'top_p'),
    ...whole('container', 'context_management', 'fallbacks', 'inference_geo', 'mcp_servers', 'speed'),
    // Says which version of the API the body is of, where no header can.
    anthropic_version: true,
    system: each(BLOCK),
    messages: each(members({ role: true, content: each(BLOCK) })),
    cache_control: CACHE_CONTROL,
    metadata: members({ user_id: true }),
    output_config: members({ effort: words('low', 'medium', 'high', 'xhigh', 'max'), format: FORMAT }),
    output_format: FORMAT,
    thinking: byKind(
      'type',
      {
        disabled: members(whole('type', 'display')),
        enabled: members(whole('type', 'display', 'budget_tokens')),
        adaptive: members(whole('type', 'display')),
      },
      false,
    ),
    tools: each(TOOL),
    tool_choice: members(whole('type', 'name', 'disable_parallel_tool_use')),
  }),
};
