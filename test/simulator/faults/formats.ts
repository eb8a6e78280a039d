import { crc32 } from 'node:zlib';

// The formats as their documents have them, read without help of the code under test.

// biome-ignore lint/suspicious/noExplicitAny: foreign JSON
export type Json = any;

export interface SeenFrame {
  readonly event: string;
  readonly data: string;
}

/** How one format is asked, and where it says what. */
export interface Format {
  readonly name: string;
  readonly path: (stream: boolean) => string;
  readonly body: (asked: Asked) => object;
  readonly frames: (body: Buffer) => readonly SeenFrame[];
  /** Words for why an answer ended, of an answer in one piece or of a frame. */
  readonly why: (json: Json) => unknown;
  readonly whyInFrame: (json: Json) => unknown;
  /** Output tokens of an answer in one piece, and of a frame; undefined where it says none. */
  readonly tokens: (json: Json) => number | undefined;
  readonly tokensInFrame: (json: Json) => number | undefined;
  readonly terminal: (frame: SeenFrame) => boolean;
  readonly answers: (json: Json) => readonly unknown[];
  /** The list of answers of a frame, where the format has one. */
  readonly answersInFrame?: (json: Json) => readonly unknown[] | undefined;
  /** What a filter, a stop text and a limit are called. */
  readonly words: { readonly filter: unknown; readonly stop: unknown };
}

export interface Asked {
  readonly stream: boolean;
  readonly stop?: string;
}

const PROMPT = 'What is the capital of France?';
const MESSAGES = [{ role: 'user', content: PROMPT }];
const model = 'simulated-chat';

function sseFrames(body: Buffer): readonly SeenFrame[] {
  return body
    .toString('utf8')
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const lines = block.split('\n');
      const field = (name: string) =>
        lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
      return { event: field('event')[0] ?? '', data: field('data').join('\n') };
    });
}

/** Messages of application/vnd.amazon.eventstream, their checksums checked. What is not whole is left out. */
function awsFrames(body: Buffer): readonly SeenFrame[] {
  const frames: SeenFrame[] = [];
  for (let at = 0; at + 12 <= body.length; ) {
    const length = body.readUInt32BE(at);
    const message = body.subarray(at, at + length);
    if (message.length < length) break;
    if (crc32(message.subarray(0, -4)) !== message.readUInt32BE(length - 4)) throw new Error('A checksum is wrong.');
    const headers = message.readUInt32BE(4);
    const [, event = ''] =
      /:(?:event|exception)-type.{3}(\w*)/s.exec(message.subarray(12, 12 + headers).toString('latin1')) ?? [];
    frames.push({ event, data: message.subarray(12 + headers, -4).toString('utf8') });
    at += length;
  }
  return frames;
}

const sse = { frames: sseFrames };
const openAi = {
  ...sse,
  why: (json: Json) => json.choices[0]?.finish_reason ?? undefined,
  whyInFrame: (json: Json) => json.choices?.[0]?.finish_reason ?? undefined,
  tokens: (json: Json) => json.usage?.completion_tokens,
  tokensInFrame: (json: Json) => json.usage?.completion_tokens,
  terminal: ({ data }: SeenFrame) => data === '[DONE]',
  answers: (json: Json) => json.choices,
  answersInFrame: (json: Json) => json.choices,
  words: { filter: 'content_filter', stop: 'stop' },
};
const usageAsked = ({ stream }: Asked) => (stream ? { stream, stream_options: { include_usage: true } } : {});

export const FORMATS: readonly Format[] = [
  {
    ...openAi,
    name: 'openai-chat',
    path: () => '/v1/chat/completions',
    body: (asked) => ({ model, messages: MESSAGES, ...usageAsked(asked), stop: asked.stop }),
  },
  {
    ...openAi,
    name: 'openai-completions',
    path: () => '/v1/completions',
    body: (asked) => ({ model, prompt: PROMPT, ...usageAsked(asked), stop: asked.stop }),
  },
  {
    ...sse,
    name: 'openai-responses',
    path: () => '/v1/responses',
    // Stop texts are not in this format.
    body: ({ stream }) => ({ model, input: PROMPT, stream }),
    why: (json) => json.incomplete_details?.reason ?? json.status ?? undefined,
    whyInFrame: ({ type, response }) =>
      type === 'response.completed' || type === 'response.incomplete'
        ? (response.incomplete_details?.reason ?? response.status ?? undefined)
        : undefined,
    tokens: (json) => json.usage?.output_tokens,
    tokensInFrame: (json) => json.response?.usage?.output_tokens,
    terminal: ({ event }) => event === 'response.completed' || event === 'response.incomplete',
    answers: (json) => json.output,
    words: { filter: 'content_filter', stop: 'completed' },
  },
  {
    ...sse,
    name: 'anthropic-messages',
    path: () => '/v1/messages',
    body: ({ stream, stop }) => ({
      model,
      max_tokens: 999,
      messages: MESSAGES,
      stream,
      ...(stop && { stop_sequences: [stop] }),
    }),
    why: (json) => json.stop_reason ?? undefined,
    whyInFrame: (json) => json.delta?.stop_reason ?? undefined,
    tokens: (json) => json.usage?.output_tokens,
    tokensInFrame: (json) => (json.usage ?? json.message?.usage)?.output_tokens,
    terminal: ({ event }) => event === 'message_stop',
    answers: (json) => json.content,
    words: { filter: 'refusal', stop: 'stop_sequence' },
  },
  {
    ...sse,
    name: 'gemini',
    path: (stream) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: ({ stop }) => ({
      contents: [{ role: 'user', parts: [{ text: PROMPT }] }],
      ...(stop && { generationConfig: { stopSequences: [stop] } }),
    }),
    why: (json) => json.candidates[0]?.finishReason,
    whyInFrame: (json) => json.candidates?.[0]?.finishReason,
    tokens: (json) => json.usageMetadata?.candidatesTokenCount,
    tokensInFrame: (json) => json.usageMetadata?.candidatesTokenCount,
    terminal: ({ data }) => data.includes('"finishReason"'),
    answers: (json) => json.candidates,
    answersInFrame: (json) => json.candidates,
    words: { filter: 'SAFETY', stop: 'STOP' },
  },
  {
    frames: awsFrames,
    name: 'bedrock-converse',
    path: (stream) => `/model/${model}/converse${stream ? '-stream' : ''}`,
    body: ({ stop }) => ({
      messages: [{ role: 'user', content: [{ text: PROMPT }] }],
      ...(stop && { inferenceConfig: { stopSequences: [stop] } }),
    }),
    why: (json) => json.stopReason,
    whyInFrame: (json) => json.stopReason,
    tokens: (json) => json.usage?.outputTokens,
    tokensInFrame: (json) => json.usage?.outputTokens,
    terminal: ({ event }) => event === 'messageStop',
    answers: (json) => json.output.message.content,
    words: { filter: 'content_filtered', stop: 'stop_sequence' },
  },
  {
    ...sse,
    name: 'cohere',
    path: () => '/v2/chat',
    body: ({ stream, stop }) => ({ model, messages: MESSAGES, stream, ...(stop && { stop_sequences: [stop] }) }),
    why: (json) => json.finish_reason,
    whyInFrame: (json) => json.delta?.finish_reason,
    tokens: (json) => json.usage?.tokens?.output_tokens,
    tokensInFrame: (json) => json.delta?.usage?.tokens?.output_tokens,
    terminal: ({ event }) => event === 'message-end',
    answers: (json) => json.message.content,
    words: { filter: 'ERROR_TOXIC', stop: 'STOP_SEQUENCE' },
  },
];
