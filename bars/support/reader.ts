import http from 'node:http';
import http2 from 'node:http2';
import type { Readable } from 'node:stream';
import { KEY } from './gateway.ts';

/** The ways to a streamed answer. */
export const DOORS = ['REST H1', 'REST H2', 'Connect H1', 'Connect H2'] as const;
export type Door = (typeof DOORS)[number];

/** A client in the midst of a streamed answer. */
export interface Reader {
  /** Resolves with the first bytes of the body; rejects where the call fails before them. */
  readonly begun: Promise<void>;
  /** Reads no further. */
  pause(): void;
  resume(): void;
  /** Bytes of the body so far. */
  readonly bytes: number;
  /** Goes away without a word. */
  cut(): void;
}

export interface Reading {
  readonly port: number;
  readonly door: Door;
  readonly model: string;
  /** The HTTP/2 connection to use, where the door is on HTTP/2. Without one a reader has its own and cuts it. */
  readonly session?: http2.ClientHttp2Session;
}

const REST_PATH = '/v1/chat/completions';
const CONNECT_PATH = '/sluice.v1.ChatService/StreamChat';

export function openReader(reading: Reading): Reader {
  const isRest = reading.door.startsWith('REST');
  const headers = {
    authorization: `Bearer ${KEY}`,
    'content-type': isRest ? 'application/json' : 'application/connect+json',
  };
  const body = isRest ? restBody(reading.model) : enveloped(connectBody(reading.model));
  const request = { path: isRest ? REST_PATH : CONNECT_PATH, headers, body };
  return reading.door.endsWith('H1') ? openHttp1(reading.port, request) : openHttp2(reading, request);
}

export function restBody(model: string): string {
  return JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello' }] });
}

export function connectBody(model: string): string {
  return JSON.stringify({
    generation: { model, messages: [{ role: 'ROLE_USER', parts: [{ text: { text: 'Hello' } }] }] },
  });
}

/** A message of a stream: flags, length, bytes (https://connectrpc.com/docs/protocol#streaming-rpcs). */
export function enveloped(message: string | Uint8Array, flags = 0): Buffer {
  const bytes = Buffer.from(message);
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

interface Sending {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

function openHttp1(port: number, { path, headers, body }: Sending): Reader {
  const request = http.request({ host: '127.0.0.1', port, method: 'POST', path, agent: false, headers });
  const answer = new Promise<Readable>((resolve, reject) => {
    request.once('response', (response) =>
      response.statusCode === 200 ? resolve(response) : reject(new Error(`status ${response.statusCode}`)),
    );
    request.on('error', reject);
    request.once('close', () => reject(new Error('closed')));
  });
  request.end(body);
  return readerOf(answer, () => request.destroy());
}

function openHttp2(reading: Reading, { path, headers, body }: Sending): Reader {
  const session = reading.session ?? connect(reading.port);
  const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
  const answer = new Promise<Readable>((resolve, reject) => {
    stream.once('response', ({ ':status': status }) =>
      status === 200 ? resolve(stream) : reject(new Error(`status ${status}`)),
    );
    stream.on('error', reject);
    stream.once('close', () => reject(new Error('closed')));
  });
  stream.end(body);
  return readerOf(answer, () => {
    if (reading.session === undefined) session.destroy();
    else stream.close(http2.constants.NGHTTP2_CANCEL);
  });
}

export function connect(port: number): http2.ClientHttp2Session {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  return session;
}

function readerOf(answer: Promise<Readable>, cut: () => void): Reader {
  let bytes = 0;
  let readable: Readable | undefined;
  const begun = answer.then(
    (body) =>
      new Promise<void>((resolve, reject) => {
        readable = body;
        body.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          resolve();
        });
        body.on('error', () => {});
        body.once('close', () => reject(new Error('The body ended before it began.')));
      }),
  );
  begun.catch(() => {});
  return {
    begun,
    pause: () => readable?.pause(),
    resume: () => readable?.resume(),
    get bytes() {
      return bytes;
    },
    cut,
  };
}
