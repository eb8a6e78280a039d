import type { JsonObject } from '../../server/core/json.ts';
import type { ChatDialectName } from '../../server/dialects/dialect.ts';

// A body of each format with all of its objects that the canonical request holds.

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };
const PIXEL = 'iVBORw0KGgo=';

const CHAT_MARK = { type: 'ephemeral', ttl: '5m' };
const MARK = { type: 'ephemeral', ttl: '1h' };

export const BODIES: Readonly<Record<ChatDialectName, JsonObject>> = {
  'openai-chat': {
    model: 'm',
    messages: [
      { role: 'system', content: 'be brief', name: 'a' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'hi', cache_control: CHAT_MARK },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}`, detail: 'low' } },
          { type: 'input_audio', input_audio: { data: PIXEL, format: 'wav' } },
          { type: 'file', file: { filename: 'f.pdf', file_data: `data:application/pdf;base64,${PIXEL}` } },
        ],
      },
      {
        role: 'assistant',
        content: [{ type: 'refusal', refusal: 'no' }],
        audio: { id: 'a' },
        tool_calls: [
          {
            id: 'c1',
            type: 'function',
            index: 0,
            function: { name: 'f', arguments: '{}' },
            extra_content: { google: { thought_signature: 'c2ln' } },
          },
          { id: 'c2', type: 'custom', custom: { name: 'g', input: 'x' } },
        ],
        reasoning_content: 'hm',
      },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'r' }] },
      { role: 'tool', tool_call_id: 'c2', content: 'r' },
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: 'r' },
    ],
    stream_options: { include_usage: true },
    tools: [
      { type: 'function', function: { name: 'f', parameters: SCHEMA, strict: false }, cache_control: CHAT_MARK },
      { type: 'custom', custom: { name: 'g', format: { type: 'text' } } },
    ],
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
    },
    audio: { voice: { id: 'v' }, format: 'wav' },
    prediction: { type: 'content', content: [{ type: 'text', text: 'p' }] },
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema: SCHEMA } },
    temperature: 0.5,
    logit_bias: { 5: -1 },
    metadata: { team: 't' },
  },
  'openai-responses': {
    model: 'm',
    instructions: 'be brief',
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'hi' },
          { type: 'input_image', image_url: 'https://x.test/i.png', detail: 'low' },
          { type: 'input_file', file_url: 'https://x.test/f.pdf', filename: 'f.pdf' },
        ],
      },
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 's' }],
        content: [{ type: 'reasoning_text', text: 't' }],
        encrypted_content: 'e',
      },
      {
        type: 'message',
        role: 'assistant',
        id: 'msg_1',
        status: 'completed',
        content: [
          { type: 'output_text', text: 'a', annotations: [], logprobs: [] },
          { type: 'refusal', refusal: 'no' },
        ],
      },
      { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'f', arguments: '{}', status: 'completed' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'g', input: 'x' },
      { type: 'function_call_output', call_id: 'c1', output: [{ type: 'input_text', text: 'r' }] },
      { type: 'custom_tool_call_output', call_id: 'c2', output: 'r' },
    ],
    tools: [
      { type: 'function', name: 'f', parameters: SCHEMA, strict: false },
      { type: 'custom', name: 'g', format: { type: 'text' } },
    ],
    tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
    reasoning: { effort: 'low', summary: 'auto' },
    text: { format: { type: 'json_schema', name: 'n', schema: SCHEMA }, verbosity: 'low' },
    stream_options: { include_obfuscation: false },
    metadata: { team: 't' },
  },
  'openai-completions': {
    model: 'm',
    prompt: 'hi',
    max_tokens: 5,
    stream_options: { include_usage: true },
    logit_bias: { 5: -1 },
    metadata: { team: 't' },
  },
  'anthropic-messages': {
    model: 'm',
    max_tokens: 9000,
    system: [{ type: 'text', text: 'be brief', cache_control: MARK }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'hi' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
          {
            type: 'document',
            source: { type: 'text', media_type: 'text/plain', data: 'd' },
            title: 't',
            citations: { enabled: true },
          },
          { type: 'image', source: { type: 'url', url: 'https://x.test/i.png' } },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 's' },
          { type: 'redacted_thinking', data: 'd' },
          { type: 'text', text: 'a', citations: null },
          { type: 'tool_use', id: 'c1', name: 'f', input: { a: 1 }, caller: { type: 'direct' } },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'r' }], is_error: false }],
      },
    ],
    metadata: { user_id: 'u' },
    output_config: { effort: 'low', format: { type: 'json_schema', schema: SCHEMA } },
    thinking: { type: 'enabled', budget_tokens: 2000 },
    tools: [{ name: 'f', input_schema: SCHEMA, cache_control: MARK }],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    cache_control: MARK,
  },
  gemini: {
    systemInstruction: { parts: [{ text: 'be brief' }] },
    contents: [
      {
        role: 'user',
        parts: [
          { text: 'hi' },
          { inlineData: { mimeType: 'image/png', data: PIXEL } },
          { fileData: { mimeType: 'image/png', fileUri: 'https://x.test/i.png' } },
        ],
      },
      {
        role: 'model',
        parts: [{ text: 'hm', thought: true }, { functionCall: { id: 'c1', name: 'f', args: { a: 1 } } }],
      },
      {
        role: 'user',
        parts: [{ functionResponse: { id: 'c1', name: 'f', response: { a: 1 }, parts: [] } }],
      },
    ],
    tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: SCHEMA }] }],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
    generationConfig: {
      temperature: 0.5,
      responseMimeType: 'application/json',
      responseJsonSchema: SCHEMA,
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'v' } } },
      thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true },
    },
  },
  'bedrock-converse': {
    system: [{ text: 'be brief' }, { cachePoint: { type: 'default' } }],
    messages: [
      {
        role: 'user',
        content: [
          { text: 'hi' },
          { image: { format: 'png', source: { bytes: PIXEL } } },
          { document: { format: 'pdf', name: 'd', source: { bytes: PIXEL }, citations: { enabled: true } } },
          { video: { format: 'mp4', source: { s3Location: { uri: 's3://b/k' } } } },
        ],
      },
      {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'hm', signature: 's' } } },
          { toolUse: { toolUseId: 'c1', name: 'f', input: { a: 1 } } },
        ],
      },
      { role: 'user', content: [{ toolResult: { toolUseId: 'c1', content: [{ text: 'r' }], status: 'success' } }] },
    ],
    inferenceConfig: { temperature: 0.5 },
    serviceTier: { type: 'default' },
    toolConfig: {
      tools: [{ toolSpec: { name: 'f', inputSchema: { json: SCHEMA } } }, { cachePoint: { type: 'default' } }],
      toolChoice: { tool: { name: 'f' } },
    },
  },
  cohere: {
    model: 'm',
    messages: [
      { role: 'system', content: 'be brief' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'hi' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}`, detail: 'low' } },
        ],
      },
      {
        role: 'assistant',
        tool_plan: 'p',
        content: [{ type: 'thinking', thinking: 'hm' }],
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'document', document: { data: 'd' } }] },
    ],
    tools: [{ type: 'function', function: { name: 'f', parameters: SCHEMA } }],
    response_format: { type: 'json_object', json_schema: SCHEMA },
    thinking: { type: 'enabled', token_budget: 500 },
    temperature: 0.5,
  },
};

/** Objects that are the caller's own, or that are a part of another kind with one member more. */
export const OPAQUE: Readonly<Record<ChatDialectName, RegExp>> = {
  'openai-chat': /(?:^metadata|^logit_bias|\.parameters|\.schema|\.format)$/,
  'openai-responses': /(?:^metadata|\.parameters|\.schema|^tools\[1\]\.format)$/,
  'openai-completions': /^(?:metadata|logit_bias)$/,
  'anthropic-messages': /(?:\.input|\.input_schema|\.schema|\.caller)$/,
  gemini: /(?:\.args|\.response|Schema)$/,
  'bedrock-converse': /(?:\.input|\.json)$/,
  cohere: /(?:\.parameters|_schema|\.document)$/,
};

type List = readonly (string | number)[];
const PART = { type: 'x_unknown', x: 1 };

/** Lists that may hold parts or tools of unknown kinds, and one that does. */
export const STRANGERS: Readonly<Record<ChatDialectName, readonly (readonly [List, JsonObject])[]>> = {
  'openai-chat': [
    [['messages', 1, 'content'], PART],
    [['tools'], PART],
  ],
  'openai-responses': [
    [['input', 0, 'content'], PART],
    [['input'], PART],
    [['tools'], PART],
  ],
  'openai-completions': [],
  'anthropic-messages': [
    [['messages', 0, 'content'], PART],
    [['messages', 2, 'content', 0, 'content'], PART],
    [['tools'], { ...PART, name: 'x' }],
  ],
  gemini: [
    [['contents', 0, 'parts'], { x_unknown: { x: 1 } }],
    [['tools'], { x_unknown: {} }],
  ],
  'bedrock-converse': [
    [['messages', 0, 'content'], { x_unknown: { x: 1 } }],
    [['toolConfig', 'tools'], { x_unknown: {} }],
  ],
  cohere: [
    [['messages', 1, 'content'], PART],
    [['tools'], PART],
  ],
};
