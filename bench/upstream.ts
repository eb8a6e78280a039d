import net from 'node:net';
import { CHUNKS_PER_BURST, PACED_EVENTS, PACED_INTERVAL_MS } from './sizes.ts';

/**
 * A provider that costs as little as possible: fixed answers in OpenAI's chat format, picked by the first letter of
 * the path. /u answers at once and whole, /b with a stream in one burst, /p with 20 events a second. A request is read
 * only as far as needed to find its end.
 */

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const UNARY = 'u'.charCodeAt(0);
const PACED = 'p'.charCodeAt(0);
/** "POST /" goes before the letter. */
const LETTER_AT = 6;
/** Paced streams share this many beats, so that a thousand of them do not all write at once. */
const BEATS = 10;

const SENTENCE = 'The harbour was quiet before dawn, and the boats lay in two long rows. ';

const whole = wholeAnswer();
const streamHead = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n',
);
const streamEnd = Buffer.concat([
  sseChunk(chunkJson({}, 'stop')),
  sseChunk(
    `{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"m","choices":[],${usage()}}`,
  ),
  sseChunk('[DONE]'),
  LAST_CHUNK,
]);
const burst = Buffer.concat([
  streamHead,
  ...Array.from({ length: CHUNKS_PER_BURST }, (_, at) => sseChunk(chunkJson({ content: `word${at % 10} ` }, null))),
  streamEnd,
]);

function usage(): string {
  return '"usage":{"prompt_tokens":42,"completion_tokens":60,"total_tokens":102,"prompt_tokens_details":{"cached_tokens":0}}';
}

function wholeAnswer(): Buffer {
  const message = JSON.stringify({ role: 'assistant', content: SENTENCE.repeat(3).trim() });
  const body = `{"id":"chatcmpl-bench","object":"chat.completion","created":1760000000,"model":"m","choices":[{"index":0,"message":${message},"logprobs":null,"finish_reason":"stop"}],${usage()},"service_tier":"default","system_fingerprint":"fp_bench"}`;
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

function chunkJson(delta: object, finish: string | null): string {
  const choice = { index: 0, delta, logprobs: null, finish_reason: finish };
  return `{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"m","choices":[${JSON.stringify(choice)}]}`;
}

/** One event as one chunk of HTTP. */
function sseChunk(json: string): Buffer {
  const event = `data: ${json}\n\n`;
  return Buffer.from(`${event.length.toString(16)}\r\n${event}\r\n`);
}

/** Where the first request in the bytes ends, or -1 when it is not all there. */
function requestEnd(bytes: Buffer): number {
  const head = bytes.indexOf(HEAD_END);
  if (head < 0) return -1;
  const length = /content-length: ?(\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1] ?? '0';
  const end = head + HEAD_END.length + Number(length);
  return bytes.length >= end ? end : -1;
}

const beats: { readonly socket: net.Socket; left: number }[][] = Array.from({ length: BEATS }, () => []);

function answer(socket: net.Socket, letter: number | undefined): void {
  if (letter === UNARY) socket.write(whole);
  else if (letter === PACED) pace(socket);
  else socket.write(burst);
}

function pace(socket: net.Socket): void {
  socket.write(streamHead);
  const emptiest = beats.reduce((least, beat) => (beat.length < least.length ? beat : least));
  emptiest.push({ socket, left: PACED_EVENTS });
}

/** Each event says when it was written, in microseconds of the machine's monotonic clock, between two @. */
function beat(at: number): void {
  const streams = beats[at % BEATS] ?? [];
  const event = sseChunk(chunkJson({ content: `@${process.hrtime.bigint() / 1000n}@ ` }, null));
  for (const stream of streams) {
    stream.socket.write(event);
    stream.left -= 1;
    if (stream.left === 0) stream.socket.write(streamEnd);
  }
  beats[at % BEATS] = streams.filter(({ left, socket }) => left > 0 && !socket.destroyed);
}

const start = performance.now();
let beaten = 0;
setInterval(() => {
  const due = Math.floor(((performance.now() - start) * BEATS) / PACED_INTERVAL_MS);
  for (; beaten < due; beaten += 1) beat(beaten);
}, PACED_INTERVAL_MS / BEATS);

const server = net.createServer({ noDelay: true }, (socket) => {
  let bytes: Buffer = Buffer.alloc(0);
  socket.on('data', (more: Buffer) => {
    bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more]);
    for (let end = requestEnd(bytes); end > 0; end = requestEnd(bytes)) {
      answer(socket, bytes[LETTER_AT]);
      bytes = bytes.subarray(end);
    }
  });
  socket.on('error', () => socket.destroy());
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 2048 }, () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`ready on port ${address?.port}`);
});
