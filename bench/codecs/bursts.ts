import { CHUNKS_PER_BURST } from '../sizes.ts';

// Streams of CHUNKS_PER_BURST pieces of text in each format, with the members that the providers send today.

const WORDS = ['The', ' harbour', ' is', ' quiet', ' this', ' morning', ',', ' grüner', ' Nebel', ' —', ' and', '.'];
const wordAt = (index: number): string => WORDS[index % WORDS.length] ?? '';
const words = <T>(make: (word: string, index: number) => T): T[] =>
  Array.from({ length: CHUNKS_PER_BURST }, (_unused, index) => make(wordAt(index), index));
const text = words((word) => word).join('');

const data = (json: object): string => `data: ${JSON.stringify(json)}\n\n`;
const named = (json: { readonly type: string }): string => `event: ${json.type}\n${data(json)}`;

function openAiChat(): string {
  const chunk = (delta: object, finish: string | null = null): string =>
    data({
      id: 'chatcmpl-AYz1dJ0u8Rk2vXbQe3fWm5tN7oPc',
      object: 'chat.completion.chunk',
      created: 1732406400,
      model: 'gpt-4o-2024-08-06',
      service_tier: 'default',
      system_fingerprint: 'fp_7f6be3efb0',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    });
  return [
    chunk({ role: 'assistant', content: '', refusal: null }),
    ...words((content) => chunk({ content })),
    chunk({}, 'stop'),
    'data: [DONE]\n\n',
  ].join('');
}

function anthropic(): string {
  const message = {
    id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5-20250929',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 25, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
  };
  const usage = { output_tokens: CHUNKS_PER_BURST };
  const deltas = words((word) => {
    const delta = { type: 'text_delta', text: word };
    return named(Object.assign({ type: 'content_block_delta', index: 0 }, { delta }));
  });
  return [
    named(Object.assign({ type: 'message_start' }, { message })),
    named(Object.assign({ type: 'content_block_start', index: 0 }, { content_block: { type: 'text', text: '' } })),
    named({ type: 'ping' }),
    ...deltas,
    named(Object.assign({ type: 'content_block_stop' }, { index: 0 })),
    named(Object.assign({ type: 'message_delta' }, { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage })),
    named({ type: 'message_stop' }),
  ].join('');
}

function gemini(): string {
  const chunk = (part: object, index: number, end: object = {}): string =>
    data({
      candidates: [{ content: { parts: [part], role: 'model' }, index: 0, ...end }],
      usageMetadata: {
        promptTokenCount: 25,
        candidatesTokenCount: index,
        totalTokenCount: 25 + index,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 25 }],
      },
      modelVersion: 'gemini-2.5-flash',
      responseId: 'Zq0jaZ2QJ4uEkdUP4s2Z6AE',
    });
  return [
    ...words((word, index) => chunk({ text: word }, index)),
    chunk({ text: '' }, CHUNKS_PER_BURST, { finishReason: 'STOP' }),
  ].join('');
}

function responses(): string {
  let sequence = 0;
  const event = (type: string, members: object): string =>
    named(Object.assign({ type, sequence_number: sequence++ }, members));
  const message = (status: string, content: readonly object[]) => ({
    id: 'msg_68a1b2c3d4e5f60718293a4b5c6d7e8f',
    type: 'message',
    status,
    content,
    role: 'assistant',
  });
  const part = { type: 'output_text', annotations: [], logprobs: [], text };
  const response = (status: string, output: readonly object[], usage: object | null) => ({
    response: {
      id: 'resp_68a1b2c3d4e5f60718293a4b5c6d7e8f',
      object: 'response',
      created_at: 1732406400,
      status,
      error: null,
      incomplete_details: null,
      model: 'gpt-4o-2024-08-06',
      output,
      usage,
    },
  });
  const at = { item_id: 'msg_68a1b2c3d4e5f60718293a4b5c6d7e8f', output_index: 0, content_index: 0 };
  const usage = { input_tokens: 25, output_tokens: CHUNKS_PER_BURST, total_tokens: 25 + CHUNKS_PER_BURST };
  return [
    event('response.created', response('in_progress', [], null)),
    event('response.in_progress', response('in_progress', [], null)),
    event('response.output_item.added', { output_index: 0, item: message('in_progress', []) }),
    event('response.content_part.added', { ...at, part: { ...part, text: '' } }),
    ...words((delta) => event('response.output_text.delta', { ...at, delta, logprobs: [], obfuscation: 'cP0aX7qLw2' })),
    event('response.output_text.done', { ...at, text, logprobs: [] }),
    event('response.content_part.done', { ...at, part }),
    event('response.output_item.done', { output_index: 0, item: message('completed', [part]) }),
    event('response.completed', response('completed', [message('completed', [part])], usage)),
  ].join('');
}

/** A whole streamed answer of each format, as bytes. */
export const BURSTS = {
  'openai-chat': Buffer.from(openAiChat()),
  'anthropic-messages': Buffer.from(anthropic()),
  gemini: Buffer.from(gemini()),
  'openai-responses': Buffer.from(responses()),
} as const;

export type BurstDialect = keyof typeof BURSTS;
