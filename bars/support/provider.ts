import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { sleep } from './time.ts';

/** A request as the provider got it. */
export interface SeenRequest {
  readonly model: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** When its connection was gone or its answer sent, by performance.now(). */
  readonly over: Promise<number>;
}

/** A provider that notes all it gets. */
export interface Provider {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  readonly openRequests: number;
  readonly openSockets: number;
  /** Bytes of "flood" that were written. */
  readonly flooded: number;
  /** Answers that wait because they are read too slowly. */
  readonly paused: number;
  /** The first request with such a model, now or later. */
  request(model: string): Promise<SeenRequest>;
  close(): Promise<void>;
}

const HEAD = { 'content-type': 'text/event-stream' };
const WORD = wordsOf('word ');
/** How long the answers of "flood" are. */
export const FLOOD_BYTES = 40_000_000;
/** Long pieces: the strain is in what waits, not in what is decoded. */
const BLOCK = Buffer.from(wordsOf('word '.repeat(1600)).repeat(2));
const END = 'data: [DONE]\n\n';
const ANSWER = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'word' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

/**
 * Starts it. The model's name tells how it answers: "silent…" never, "word…" with the beginning of a stream and then
 * nothing, "flood…" with a stream of FLOOD_BYTES, any other with a whole answer at once.
 */
export async function startProvider(): Promise<Provider> {
  const seen: SeenRequest[] = [];
  const waiting = new Map<string, (request: SeenRequest) => void>();
  const open = { requests: 0, sockets: 0, paused: 0, flooded: 0 };
  const server = http.createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    open.requests += 1;
    const over = new Promise<number>((resolve) =>
      response.once('close', () => {
        open.requests -= 1;
        resolve(performance.now());
      }),
    );
    void read(request).then((body) => {
      const one = { model: modelOf(body), headers: request.headers, body, over };
      seen.push(one);
      waiting.get(one.model)?.(one);
      waiting.delete(one.model);
      if (one.model.startsWith('flood')) void flood(response, open);
      else answer(one.model, response);
    });
  });
  server.on('connection', (socket) => {
    open.sockets += 1;
    socket.once('close', () => {
      open.sockets -= 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 2048, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    get openRequests() {
      return open.requests;
    },
    get flooded() {
      return open.flooded;
    },
    get paused() {
      return open.paused;
    },
    get openSockets() {
      return open.sockets;
    },
    request(model) {
      const known = seen.find((one) => one.model === model);
      return known === undefined ? new Promise((resolve) => waiting.set(model, resolve)) : Promise.resolve(known);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function wordsOf(content: string): string {
  const choice = { index: 0, delta: { role: 'assistant', content }, finish_reason: null };
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice] })}\n\n`;
}

function answer(model: string, response: http.ServerResponse): void {
  if (model.startsWith('silent')) return;
  if (model.startsWith('word')) response.writeHead(200, HEAD).write(WORD);
  else response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
}

/** Writes as fast as it is read. */
async function flood(response: http.ServerResponse, open: { paused: number; flooded: number }): Promise<void> {
  response.writeHead(200, HEAD);
  for (let sent = 0; sent < FLOOD_BYTES && !response.destroyed; sent += BLOCK.length) {
    open.flooded += BLOCK.length;
    if (response.write(BLOCK)) continue;
    open.paused += 1;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        response.off('drain', go).off('close', go);
        resolve();
      };
      response.on('drain', go).on('close', go);
    });
    open.paused -= 1;
  }
  response.end(END);
}

function modelOf(body: string): string {
  try {
    return String(JSON.parse(body).model);
  } catch {
    return '';
  }
}

/** What came, also where it breaks off. */
async function read(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {}
  return Buffer.concat(chunks).toString();
}

/** Waits until a provider has written nothing for a second, for a minute at most. */
export async function comesToRest(provider: Provider): Promise<void> {
  let before = -1;
  for (let second = 0; second < 60 && before !== provider.flooded; second += 1) {
    before = provider.flooded;
    await sleep(1000);
  }
}
