import { encodeAwsEventFrame } from '../../../server/upstream/aws-event-stream-encoder.ts';
import { type BrokenAnswer, streamed } from './broken-answer.ts';
import { joined, said } from './cuts.ts';
import { DIALECTS, type Dialect, dataEvent, isBinary, namedEvent, type Piece, STREAMS } from './streams.ts';

// Streams with a frame that should not be there: errors, what is no JSON, what is of another format.

const aws = (event: string, data: object | string): Buffer =>
  encodeAwsEventFrame({ event, data: typeof data === 'string' ? data : JSON.stringify(data) });

const openAiError = { error: { message: 'The server had an error.', type: 'server_error', param: null, code: null } };

/** How a provider of each format says within a stream that it failed. */
const ERRORS: Readonly<Record<Dialect, readonly (readonly [name: string, frame: Buffer | string])[]>> = {
  'openai-chat': [
    ['an error object', dataEvent(openAiError)],
    ['an error of a rate', dataEvent({ error: { message: 'Slow down', type: 'rate_limit_error', code: 429 } })],
    ['an error text', dataEvent({ error: 'upstream connect error' })],
    ['an event named error', `event: error\n${dataEvent({ message: 'boom', code: 500 })}`],
    ["vLLM's error", dataEvent({ object: 'error', message: 'EngineCore died', code: 500 })],
    ["OpenRouter's error", dataEvent({ ...openAiError, choices: [{ index: 0, delta: {}, finish_reason: 'error' }] })],
  ],
  'openai-responses': [
    ['an event of an error', namedEvent({ type: 'error', code: 'server_error', message: 'boom', param: null })],
    ['an error within an event', namedEvent({ type: 'error', error: { code: 'server_error', message: 'boom' } })],
    [
      'response.failed',
      namedEvent({
        type: 'response.failed',
        response: { id: 'resp_1', status: 'failed', error: { code: 'server_error', message: 'boom' } },
      }),
    ],
    ['an error without its event', dataEvent(openAiError)],
  ],
  'anthropic-messages': [
    ['overloaded_error', namedEvent({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })],
    ['an error without its name', dataEvent({ type: 'error', error: { type: 'api_error', message: 'boom' } })],
    ['an error of another shape', `event: error\n${dataEvent({ message: 'boom' })}`],
  ],
  gemini: [
    ['an error object', dataEvent({ error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } })],
    ['an error in an array', dataEvent([{ error: { code: 500, message: 'boom', status: 'INTERNAL' } }])],
    ['an error of a rate', dataEvent({ error: { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED' } })],
  ],
  'bedrock-converse': [
    ['an exception', aws('internalServerException', { message: 'boom' })],
    ['a throttling exception', aws('throttlingException', { message: 'Slow down' })],
    ['an exception of the stream', aws('modelStreamErrorException', { message: 'boom', originalStatusCode: 500 })],
  ],
  cohere: [
    ['a message', dataEvent({ message: 'internal server error' })],
    ['an error as the end', namedEvent({ type: 'message-end', delta: { finish_reason: 'ERROR', error: 'boom' } })],
    ['a timeout as the end', namedEvent({ type: 'message-end', delta: { finish_reason: 'TIMEOUT' } })],
  ],
};

/** Data that no format has. */
const GARBAGE: readonly (readonly [name: string, data: string])[] = [
  ['half an object', '{"choices":[{"index":0,"delta":{"con'],
  ['a word', 'Internal Server Error'],
  ['null', 'null'],
  ['a number', '500'],
  ['a text', '"boom"'],
  ['an array', '[{}]'],
  ['two objects', '{}{}'],
  ['a page', '<html><body>502 Bad Gateway</body></html>'],
];

/** Objects that a format cannot have. */
const MISSHAPEN: Readonly<Record<Dialect, readonly (readonly [name: string, frame: Buffer | string])[]>> = {
  'openai-chat': [
    ['choices that are no array', dataEvent({ id: 'c1', choices: {} })],
    ['a choice that is no object', dataEvent({ id: 'c1', choices: ['x'] })],
  ],
  'openai-responses': [],
  'anthropic-messages': [
    [
      'a delta without its index',
      namedEvent({ type: 'content_block_delta', delta: { type: 'text_delta', text: 'x' } }),
    ],
    ['a block without content', namedEvent({ type: 'content_block_start', index: 7 })],
    [
      'input of a call that did not begin',
      namedEvent({ type: 'content_block_delta', index: 9, delta: { type: 'input_json_delta', partial_json: '{' } }),
    ],
  ],
  gemini: [],
  'bedrock-converse': [
    ['a delta without its index', aws('contentBlockDelta', { delta: { text: 'x' } })],
    ['a wrong checksum', flipped(aws('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'x' } }))],
    ['a wrong length', Buffer.from([0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
  ],
  cohere: [],
};

function flipped(bytes: Buffer): Buffer {
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return bytes;
}

/** Where a frame is put: before all, before the first content, between contents, before the terminal marker. */
function places(pieces: readonly Piece[]): readonly number[] {
  const content = pieces.findIndex(({ says }) => says === 'content');
  const end = pieces.findIndex(({ says }) => says === 'end');
  return [...new Set([0, content, content + 1, end])];
}

interface Intruder {
  readonly name: string;
  readonly frame: Buffer | string;
}

function withIntruder(dialect: Dialect, at: number, { name, frame }: Intruder): BrokenAnswer {
  const pieces = STREAMS[dialect];
  const body = joined(pieces.slice(0, at), frame, joined(pieces.slice(at)));
  const before = said(pieces.slice(0, at));
  return streamed({ dialect, name: `${name} before ${pieces[at]?.name}`, body, ...before, outcome: 'error' });
}

function intruded(dialect: Dialect): BrokenAnswer[] {
  const garbage = GARBAGE.map(([name, data]): Intruder => {
    return { name, frame: isBinary(dialect) ? aws('contentBlockDelta', data) : dataEvent(data) };
  });
  const notUtf8 = Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0x20, 0x22, 0xff, 0xc3, 0x22, 0x0a, 0x0a]);
  const bytes: Intruder[] = isBinary(dialect) ? [] : [{ name: 'bytes that are no text', frame: notUtf8 }];
  const errors = ERRORS[dialect].map(([name, frame]): Intruder => ({ name, frame }));
  const misshapen = MISSHAPEN[dialect].map(([name, frame]): Intruder => ({ name, frame }));
  const [first = 0, content = 0, between = 0, end = 0] = places(STREAMS[dialect]);
  const everywhere = [...errors.slice(0, 2), ...garbage.slice(0, 1)];
  const rest = [...errors.slice(2), ...garbage.slice(1), ...bytes, ...misshapen];
  return [
    ...everywhere.flatMap((one) => [first, content, between, end].map((at) => withIntruder(dialect, at, one))),
    // Some only before and after the first content.
    ...rest.flatMap((one) => [content, between].map((at) => withIntruder(dialect, at, one))),
  ];
}

/** What comes after the terminal marker changes nothing. */
function afterTheEnd(dialect: Dialect): BrokenAnswer[] {
  const pieces = STREAMS[dialect];
  const whole = said(pieces);
  const last = pieces.find(({ says }) => says === 'end')?.bytes ?? Buffer.alloc(0);
  const words = pieces.find(({ says }) => says === 'content')?.bytes ?? Buffer.alloc(0);
  const error = ERRORS[dialect][0]?.[1] ?? '';
  const garbage = isBinary(dialect) ? aws('contentBlockDelta', '{') : dataEvent('{"half');
  // A format without a marker of its own goes on until its connection ends.
  if (dialect === 'gemini') return [];
  const more: readonly (readonly [string, Buffer | string])[] = [
    ['the marker again', last],
    ['words', words],
    ['an error', error],
    ['what is no JSON', garbage],
  ];
  return more.map(([name, bytes]) =>
    streamed({ dialect, name: `${name} after the terminal marker`, body: joined(pieces, bytes), ...whole }),
  );
}

/** A stream of another format, at once and after some words. */
function ofOthers(dialect: Dialect): BrokenAnswer[] {
  const pieces = STREAMS[dialect];
  const content = places(pieces)[1] ?? 0;
  const others = DIALECTS.filter((other) => other !== dialect && isBinary(other) === isBinary(dialect));
  return others.flatMap((other) => [
    streamed({ dialect, name: `a stream of ${other}`, body: joined(STREAMS[other]), outcome: 'error' }),
    streamed({
      dialect,
      name: `going on as a stream of ${other}`,
      body: joined(pieces.slice(0, content + 1), joined(STREAMS[other])),
      ...said(pieces.slice(0, content + 1)),
      outcome: 'error',
    }),
  ]);
}

export function badFrames(dialect: Dialect): readonly BrokenAnswer[] {
  return [...intruded(dialect), ...afterTheEnd(dialect), ...ofOthers(dialect)];
}
