import { encodeAwsEventFrame } from '../../../server/upstream/aws-event-stream-encoder.ts';

/** The formats of providers whose answers are broken here. */
export const DIALECTS = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
  'cohere',
] as const;
export type Dialect = (typeof DIALECTS)[number];

const [HELLO, SEA] = ['Grüße aus ', 'Zürich 🌊'] as const;
/** What every whole answer says before it calls a tool. Characters of two and of four bytes are to be cut. */
export const TEXT = HELLO + SEA;
/** The same by the names of its pieces. */
export const WORDS: ReadonlyMap<string, string> = new Map([
  ['first words', HELLO],
  ['more words', SEA],
]);
const CITY = 'Zürich';
const [FRONT, BACK] = ['{"city":"Zü', 'rich"}'] as const;

/** One frame of a streamed answer, as bytes. */
export interface Piece {
  readonly name: string;
  readonly bytes: Buffer;
  /** Whether it has content that a caller sees, says why the answer ends, is the terminal marker, or comes after it. */
  readonly says: 'nothing' | 'content' | 'reason' | 'end' | 'after';
}

type Row = readonly [name: string, says: Piece['says'], json: object | string];

const sse = (data: object | string): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const dataPieces = (rows: readonly Row[]): Piece[] =>
  rows.map(([name, says, json]) => ({ name, says, bytes: Buffer.from(sse(json)) }));
const namedPieces = (rows: readonly Row[]): Piece[] =>
  rows.map(([name, says, json]) => ({ name, says, bytes: Buffer.from(namedEvent(json)) }));

/** An event whose name is its type, as Anthropic and the Responses API write it. */
export function namedEvent(json: object | string): string {
  const type = typeof json === 'object' && 'type' in json ? String(json.type) : '';
  return `event: ${type}\n${sse(json)}`;
}

export const dataEvent = sse;

const chatChunk = (delta: object, finish: string | null = null) => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  created: 1700000000,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const chatUsage = { prompt_tokens: 7, completion_tokens: 9, total_tokens: 16 };
const chatArguments = (text: string) => chatChunk({ tool_calls: [{ index: 0, function: { arguments: text } }] });
const chatCall = { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } };

const OPENAI_CHAT = dataPieces([
  ['the role', 'nothing', chatChunk({ role: 'assistant', content: '' })],
  ['first words', 'content', chatChunk({ content: HELLO })],
  ['more words', 'content', chatChunk({ content: SEA })],
  ['the start of a call', 'content', chatChunk({ tool_calls: [chatCall] })],
  ['arguments', 'content', chatArguments(FRONT)],
  ['the rest of the arguments', 'content', chatArguments(BACK)],
  ['the finish reason', 'reason', chatChunk({}, 'tool_calls')],
  ['usage', 'nothing', { ...chatChunk({}), choices: [], usage: chatUsage }],
  ['[DONE]', 'end', '[DONE]'],
]);

const anthropicMessage = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 7, output_tokens: 1 },
};
const blockDelta = (index: number, delta: object) => ({ type: 'content_block_delta', index, delta });
const anthropicJson = (text: string) => blockDelta(1, { type: 'input_json_delta', partial_json: text });
const toolUse = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} };

const ANTHROPIC = namedPieces([
  ['message_start', 'nothing', { type: 'message_start', message: anthropicMessage }],
  ['ping', 'nothing', { type: 'ping' }],
  [
    'the start of a text',
    'nothing',
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ],
  ['first words', 'content', blockDelta(0, { type: 'text_delta', text: HELLO })],
  ['more words', 'content', blockDelta(0, { type: 'text_delta', text: SEA })],
  ['the end of the text', 'nothing', { type: 'content_block_stop', index: 0 }],
  ['the start of a call', 'content', { type: 'content_block_start', index: 1, content_block: toolUse }],
  ['input', 'content', anthropicJson(FRONT)],
  ['the rest of the input', 'content', anthropicJson(BACK)],
  ['the end of the call', 'nothing', { type: 'content_block_stop', index: 1 }],
  [
    'message_delta',
    'reason',
    { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 9 } },
  ],
  ['message_stop', 'end', { type: 'message_stop' }],
]);

const response = (status: string, output: readonly object[], usage: object | null) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1700000000,
  status,
  model: 'm',
  output,
  error: null,
  incomplete_details: null,
  usage,
});
const outputText = { type: 'output_text', text: TEXT, annotations: [] };
const message = (status: string, content: readonly object[]) => ({
  id: 'msg_1',
  type: 'message',
  status,
  role: 'assistant',
  content,
});
const functionCall = (status: string, text: string) => ({
  id: 'fc_1',
  type: 'function_call',
  status,
  call_id: 'call_1',
  name: 'weather',
  arguments: text,
});
const ofText = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const ofCall = { item_id: 'fc_1', output_index: 1 };
const responseUsage = {
  input_tokens: 7,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 9,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 16,
};
const responseOutput = [message('completed', [outputText]), functionCall('completed', FRONT + BACK)];
const COMPLETED_RESPONSE = response('completed', responseOutput, responseUsage);

const responsesRows: readonly Row[] = [
  ['response.created', 'nothing', { type: 'response.created', response: response('in_progress', [], null) }],
  ['response.in_progress', 'nothing', { type: 'response.in_progress', response: response('in_progress', [], null) }],
  [
    'the start of a message',
    'nothing',
    { type: 'response.output_item.added', output_index: 0, item: message('in_progress', []) },
  ],
  [
    'the start of a text',
    'nothing',
    { type: 'response.content_part.added', ...ofText, part: { ...outputText, text: '' } },
  ],
  ['first words', 'content', { type: 'response.output_text.delta', ...ofText, delta: HELLO }],
  ['more words', 'content', { type: 'response.output_text.delta', ...ofText, delta: SEA }],
  ['the whole text', 'nothing', { type: 'response.output_text.done', ...ofText, text: TEXT }],
  ['the end of the text', 'nothing', { type: 'response.content_part.done', ...ofText, part: outputText }],
  [
    'the end of the message',
    'nothing',
    { type: 'response.output_item.done', output_index: 0, item: responseOutput[0] },
  ],
  [
    'the start of a call',
    'content',
    { type: 'response.output_item.added', output_index: 1, item: functionCall('in_progress', '') },
  ],
  ['arguments', 'content', { type: 'response.function_call_arguments.delta', ...ofCall, delta: FRONT }],
  ['the rest of the arguments', 'content', { type: 'response.function_call_arguments.delta', ...ofCall, delta: BACK }],
  [
    'the whole arguments',
    'nothing',
    { type: 'response.function_call_arguments.done', ...ofCall, arguments: FRONT + BACK },
  ],
  ['the end of the call', 'nothing', { type: 'response.output_item.done', output_index: 1, item: responseOutput[1] }],
  ['response.completed', 'end', { type: 'response.completed', response: COMPLETED_RESPONSE }],
];
const RESPONSES = namedPieces(
  responsesRows.map(([name, says, json], sequence_number): Row => [name, says, { ...Object(json), sequence_number }]),
);

const geminiChunk = (parts: readonly object[], beside: object = {}) => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...beside }],
  usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 9, totalTokenCount: 16 },
  modelVersion: 'm',
  responseId: 'r1',
});

const GEMINI = dataPieces([
  ['a chunk without words', 'nothing', geminiChunk([{ text: '' }])],
  ['first words', 'content', geminiChunk([{ text: HELLO }])],
  ['more words', 'content', geminiChunk([{ text: SEA }])],
  ['a call', 'content', geminiChunk([{ functionCall: { name: 'weather', args: { city: CITY } } }])],
  ['the finish reason', 'end', geminiChunk([{ text: '' }], { finishReason: 'STOP' })],
]);

const awsPieces = (rows: readonly (readonly [...Row, event: string])[]): Piece[] =>
  rows.map(([name, says, json, event]) => ({
    name,
    says,
    bytes: encodeAwsEventFrame({ event, data: JSON.stringify(json) }),
  }));
const bedrockInput = (input: string) => ({ contentBlockIndex: 1, delta: { toolUse: { input } } });

const BEDROCK = awsPieces([
  ['messageStart', 'nothing', { role: 'assistant' }, 'messageStart'],
  ['first words', 'content', { contentBlockIndex: 0, delta: { text: HELLO } }, 'contentBlockDelta'],
  ['more words', 'content', { contentBlockIndex: 0, delta: { text: SEA } }, 'contentBlockDelta'],
  ['the end of the text', 'nothing', { contentBlockIndex: 0 }, 'contentBlockStop'],
  [
    'the start of a call',
    'content',
    { contentBlockIndex: 1, start: { toolUse: { toolUseId: 'tooluse_1', name: 'weather' } } },
    'contentBlockStart',
  ],
  ['input', 'content', bedrockInput(FRONT), 'contentBlockDelta'],
  ['the rest of the input', 'content', bedrockInput(BACK), 'contentBlockDelta'],
  ['the end of the call', 'nothing', { contentBlockIndex: 1 }, 'contentBlockStop'],
  ['messageStop', 'end', { stopReason: 'tool_use' }, 'messageStop'],
  ['usage', 'after', { usage: { inputTokens: 7, outputTokens: 9, totalTokens: 16 } }, 'metadata'],
]);

const cohereDelta = (type: string, index: number, messagePart: object) => ({
  type,
  index,
  delta: { message: messagePart },
});
const cohereWords = (text: string) => cohereDelta('content-delta', 0, { content: { text } });
const cohereInput = (text: string) =>
  cohereDelta('tool-call-delta', 0, { tool_calls: { function: { arguments: text } } });
const cohereCall = { id: 'weather_1', type: 'function', function: { name: 'weather', arguments: '' } };
const cohereUsage = {
  billed_units: { input_tokens: 7, output_tokens: 9 },
  tokens: { input_tokens: 7, output_tokens: 9 },
};

const COHERE = namedPieces([
  ['message-start', 'nothing', { type: 'message-start', id: 'a1', delta: { message: { role: 'assistant' } } }],
  ['the start of a text', 'nothing', cohereDelta('content-start', 0, { content: { type: 'text', text: '' } })],
  ['first words', 'content', cohereWords(HELLO)],
  ['more words', 'content', cohereWords(SEA)],
  ['the end of the text', 'nothing', { type: 'content-end', index: 0 }],
  ['the start of a call', 'content', cohereDelta('tool-call-start', 0, { tool_calls: cohereCall })],
  ['arguments', 'content', cohereInput(FRONT)],
  ['the rest of the arguments', 'content', cohereInput(BACK)],
  ['the end of the call', 'nothing', { type: 'tool-call-end', index: 0 }],
  ['message-end', 'end', { type: 'message-end', delta: { finish_reason: 'TOOL_CALL', usage: cohereUsage } }],
]);

/** A whole answer of each format: words, a call of a tool, why it ended, usage and the terminal marker. */
export const STREAMS: Readonly<Record<Dialect, readonly Piece[]>> = {
  'openai-chat': OPENAI_CHAT,
  'openai-responses': RESPONSES,
  'anthropic-messages': ANTHROPIC,
  gemini: GEMINI,
  'bedrock-converse': BEDROCK,
  cohere: COHERE,
};

/** The same in one piece. */
export const WHOLES: Readonly<Record<Dialect, object>> = {
  'openai-chat': {
    id: 'c1',
    object: 'chat.completion',
    created: 1700000000,
    model: 'm',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: TEXT,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: FRONT + BACK } }],
        },
        finish_reason: 'tool_calls',
      },
    ],
    usage: chatUsage,
  },
  'openai-responses': COMPLETED_RESPONSE,
  'anthropic-messages': {
    ...anthropicMessage,
    content: [
      { type: 'text', text: TEXT },
      { ...toolUse, input: { city: CITY } },
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 7, output_tokens: 9 },
  },
  gemini: geminiChunk([{ text: TEXT }, { functionCall: { name: 'weather', args: { city: CITY } } }], {
    finishReason: 'STOP',
  }),
  'bedrock-converse': {
    output: {
      message: {
        role: 'assistant',
        content: [{ text: TEXT }, { toolUse: { toolUseId: 'tooluse_1', name: 'weather', input: { city: CITY } } }],
      },
    },
    stopReason: 'tool_use',
    usage: { inputTokens: 7, outputTokens: 9, totalTokens: 16 },
    metrics: { latencyMs: 1 },
  },
  cohere: {
    id: 'a1',
    message: {
      role: 'assistant',
      content: [{ type: 'text', text: TEXT }],
      tool_calls: [{ ...cohereCall, function: { name: 'weather', arguments: FRONT + BACK } }],
    },
    finish_reason: 'TOOL_CALL',
    usage: cohereUsage,
  },
};

export function isBinary(dialect: Dialect): boolean {
  return dialect === 'bedrock-converse';
}
