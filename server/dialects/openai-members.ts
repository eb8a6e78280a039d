import { isJsonObject } from '../core/json.ts';
import { byKind, each, type Held, type HeldTable, members, whole, words } from './held-members.ts';

/** What the canonical request holds of a body of OpenAI's completions API. foreign-members.ts tells of the others that mean something. */
export const COMPLETIONS_MEMBERS: HeldTable = {
  body: members({
    ...whole('model', 'prompt', 'suffix', 'echo', 'best_of', 'stream', 'max_tokens', 'temperature', 'top_p'),
    ...whole(
      'frequency_penalty',
      'presence_penalty',
      'seed',
      'stop',
      'n',
      'logprobs',
      'logit_bias',
      'user',
      'metadata',
    ),
    stream_options: members(whole('include_usage', 'include_obfuscation')),
  }),
};

/** An entry of a message's content. Whoever sends an answer back sends the log probabilities of its texts, too. */
const TEXT = members(whole('type', 'text', 'annotations', 'logprobs'));
const ENTRY: Held = byKind('type', {
  input_text: TEXT,
  output_text: TEXT,
  text: TEXT,
  refusal: members(whole('type', 'refusal')),
  input_image: members(whole('type', 'image_url', 'file_id', 'detail')),
  input_file: members(whole('type', 'file_id', 'file_url', 'file_data', 'filename')),
});

const MESSAGE = members({ ...whole('type', 'role', 'id', 'status'), content: each(ENTRY) });
const OUTPUT = members({ ...whole('type', 'id', 'call_id', 'status'), output: each(ENTRY) });
const THOUGHT = members(whole('type', 'text'));

const ITEM: Held = byKind(
  'type',
  {
    message: MESSAGE,
    function_call: members(whole('type', 'id', 'call_id', 'name', 'arguments', 'status')),
    custom_tool_call: members(whole('type', 'id', 'call_id', 'name', 'input', 'status')),
    function_call_output: OUTPUT,
    custom_tool_call_output: OUTPUT,
    reasoning: members({
      ...whole('type', 'id', 'encrypted_content', 'status'),
      summary: each(THOUGHT),
      content: each(THOUGHT),
    }),
  },
  (value) => (isJsonObject(value) && (value['type'] ?? '') === '' ? MESSAGE : true),
);

const TOOL: Held = byKind('type', {
  function: members(whole('type', 'name', 'description', 'parameters', 'strict')),
  custom: members(whole('type', 'name', 'description', 'format')),
});

const CHOSEN = members(whole('type', 'name'));
const TOOL_CHOICE: Held = byKind(
  'type',
  { allowed_tools: members({ ...whole('type', 'mode'), tools: each(CHOSEN) }) },
  (value) => (isJsonObject(value) ? CHOSEN : true),
);

const FORMAT: Held = byKind('type', {
  text: members({ type: true }),
  json_object: members({ type: true }),
  json_schema: members(whole('type', 'name', 'description', 'schema', 'strict')),
});

/** What the canonical request holds of a body of OpenAI's Responses API, or what is refused or told of elsewhere. */
export const RESPONSES_MEMBERS: HeldTable = {
  body: members({
    ...whole('model', 'instructions', 'stream', 'parallel_tool_calls', 'max_output_tokens', 'temperature', 'top_p'),
    ...whole('top_logprobs', 'service_tier', 'prompt_cache_key', 'safety_identifier', 'user', 'store', 'metadata'),
    ...whole('previous_response_id', 'conversation', 'prompt', 'background', 'include', 'max_tool_calls', 'truncation'),
    stream_options: members({ include_obfuscation: true }),
    input: each(ITEM),
    tools: each(TOOL),
    tool_choice: TOOL_CHOICE,
    reasoning: members({
      ...whole('summary', 'generate_summary'),
      effort: words('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
    }),
    text: members({ format: FORMAT, verbosity: words('low', 'medium', 'high') }),
  }),
};
