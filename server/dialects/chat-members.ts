import { isJsonObject, type JsonValue, numberOf } from '../core/json.ts';
import { byKind, each, type Held, type HeldTable, members, whole, words } from './held-members.ts';
import { type Bounds, MAX_UINT32 } from './read-fields.ts';

// What a body of OpenAI's chat API may ask for that the canonical request has no place for: members and values that only
// some servers of the format know. Within the format they go along in the body itself.

/** What the contract's fields of the same names can hold, which is what OpenAI's own models take. */
export const CHAT_LIMITS = {
  temperature: { min: 0, max: 2 },
  topP: { min: 0, max: 1 },
  topK: { min: 0, max: MAX_UINT32 },
  penalty: { min: -2, max: 2 },
  topLogprobs: { min: 0, max: 20 },
  seed: { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER },
} as const satisfies Readonly<Record<string, Bounds>>;

/** Whether a member of logit_bias is one as the contract has it: a token's id and from -100 to 100. */
export function isTokenBias([token, value]: [string, JsonValue | undefined]): boolean {
  const bias = numberOf(value);
  return /^\d{1,10}$/.test(token) && bias !== undefined && Math.abs(bias) <= 100;
}

const within =
  ({ min, max }: Bounds): Held =>
  (value) => {
    const number = numberOf(value);
    return number === undefined || (number >= min && number <= max);
  };

const CACHE_CONTROL = members({ type: true, ttl: words('5m', '1h') });
const NAMED = members({ name: true });
const FUNCTION = members(whole('name', 'description', 'parameters', 'strict'));

const PART: Held = byKind('type', {
  text: members({ ...whole('type', 'text'), cache_control: CACHE_CONTROL }),
  thinking: members({ ...whole('type', 'thinking'), cache_control: CACHE_CONTROL }),
  refusal: members({ ...whole('type', 'refusal'), cache_control: CACHE_CONTROL }),
  image_url: members({ type: true, image_url: members(whole('url', 'detail')), cache_control: CACHE_CONTROL }),
  input_audio: members({ type: true, input_audio: members(whole('data', 'format')), cache_control: CACHE_CONTROL }),
  file: members({ type: true, file: members(whole('filename', 'file_id', 'file_data')), cache_control: CACHE_CONTROL }),
});

/** Of a body that was read from a stream, the position within the message means nothing. */
const CALL = members({
  ...whole('id', 'type', 'index'),
  function: members(whole('name', 'arguments')),
  custom: members(whole('name', 'input')),
  extra_content: members({ google: members({ thought_signature: true }) }),
});

const MESSAGE = members({
  ...whole('role', 'name', 'refusal', 'tool_call_id', 'reasoning', 'reasoning_content'),
  content: each(PART),
  // What is said in it is the provider's to know by the id.
  audio: members(whole('id', 'data', 'transcript', 'expires_at')),
  tool_calls: each(CALL),
  function_call: members(whole('name', 'arguments')),
  reasoning_details: each(
    byKind('type', { 'reasoning.text': true, 'reasoning.summary': true, 'reasoning.encrypted': true }, false),
  ),
  extra_content: members({ google: members({ thought_signature: true }) }),
});

const TOOL: Held = byKind('type', {
  function: members({ type: true, function: FUNCTION, cache_control: CACHE_CONTROL }),
  custom: members({
    type: true,
    custom: members(whole('name', 'description', 'format')),
    cache_control: CACHE_CONTROL,
  }),
});

const CHOSEN = { type: true, function: NAMED, custom: NAMED };
const MODE = words('none', 'auto', 'required', 'any');

const TOOL_CHOICE = byKind(
  'type',
  {
    function: members(CHOSEN),
    custom: members(CHOSEN),
    allowed_tools: members({
      type: true,
      allowed_tools: members({ mode: true, tools: each(members(CHOSEN)) }),
    }),
  },
  (value) => (isJsonObject(value) ? !('type' in value) : MODE),
);

const FORMAT = byKind(
  'type',
  {
    text: members({ type: true }),
    json_object: members(whole('type', 'schema')),
    json_schema: members({ type: true, json_schema: members(whole('name', 'description', 'schema', 'strict')) }),
  },
  false,
);

/** What the canonical request holds of a chat body, or what means nothing elsewhere. */
export const CHAT_MEMBERS: HeldTable = {
  body: members({
    ...whole('model', 'stream', 'parallel_tool_calls', 'max_tokens', 'max_completion_tokens', 'stop', 'n', 'logprobs'),
    ...whole('modalities', 'service_tier', 'prompt_cache_key', 'user', 'safety_identifier', 'store', 'metadata'),
    web_search_options: true,
    messages: each(MESSAGE),
    stream_options: members(whole('include_usage', 'include_obfuscation')),
    tools: each(TOOL),
    functions: each(FUNCTION),
    audio: members({ format: true, voice: members({ id: true }) }),
    prediction: members({ type: true, content: each(PART) }),
    temperature: within(CHAT_LIMITS.temperature),
    top_p: within(CHAT_LIMITS.topP),
    top_k: within(CHAT_LIMITS.topK),
    frequency_penalty: within(CHAT_LIMITS.penalty),
    presence_penalty: within(CHAT_LIMITS.penalty),
    top_logprobs: within(CHAT_LIMITS.topLogprobs),
    seed: within(CHAT_LIMITS.seed),
    logit_bias: (value) => isJsonObject(value) && Object.entries(value).every(isTokenBias),
    response_format: FORMAT,
    tool_choice: TOOL_CHOICE,
    function_call: (value) => (isJsonObject(value) ? NAMED : MODE),
    reasoning_effort: words('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
    verbosity: words('low', 'medium', 'high'),
  }),
};
