import { isJsonObject, type JsonValue } from '../core/json.ts';
import { byKind, each, type Held, type HeldTable, members, whole } from './held-members.ts';

/** A document of more than data stays as it is. */
function documentEntry(value: JsonValue): Held {
  const document = isJsonObject(value) ? value['document'] : undefined;
  const plain = isJsonObject(document) && Object.keys(document).every((name) => name === 'data');
  return plain ? members(whole('type', 'document')) : true;
}

const ENTRY: Held = byKind('type', {
  text: members(whole('type', 'text')),
  thinking: members(whole('type', 'thinking')),
  image_url: members({ type: true, image_url: members(whole('url', 'detail')) }),
  document: documentEntry,
});

const CALL = members({ ...whole('id', 'type'), function: members(whole('name', 'arguments')) });

const TOOL: Held = byKind('type', {
  function: members({ type: true, function: members(whole('name', 'description', 'parameters')) }),
});

/** What the canonical request holds of a body of Cohere's chat API, version 2. */
export const COHERE_MEMBERS: HeldTable = {
  body: members({
    ...whole('model', 'stream', 'strict_tools', 'tool_choice', 'max_tokens', 'temperature', 'p', 'k', 'seed'),
    ...whole('frequency_penalty', 'presence_penalty', 'stop_sequences', 'logprobs'),
    messages: each(
      members({ ...whole('role', 'tool_call_id', 'tool_plan'), content: each(ENTRY), tool_calls: each(CALL) }),
    ),
    tools: each(TOOL),
    response_format: members(whole('type', 'json_schema', 'schema')),
    thinking: members(whole('type', 'token_budget')),
  }),
};
