import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createUndiciUpstream, type UndiciUpstreamOptions } from '../../server/upstream/undici-upstream.ts';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../../server/upstream/upstream.ts';

/** A server on a free port of 127.0.0.1 that ends with the test. */
export interface Loopback {
  readonly port: number;
  readonly url: URL;
  /** All connections that it ever accepted. */
  readonly sockets: readonly Socket[];
}

/** An HTTP server. */
export function serveHttp(listener: RequestListener): Promise<Loopback> {
  return listen(createHttpServer(listener));
}

/** A TCP server, for answers that no HTTP server would give. It reads what comes and calls back once for each packet. */
export function serveTcp(onData: (socket: Socket, text: string) => void): Promise<Loopback> {
  return listen(createTcpServer((socket) => socket.on('data', (data) => onData(socket, data.toString('latin1')))));
}

/** Answers each request with these bytes and, where said so, ends the connection. */
export function serveBytes(bytes: string, ending: 'keep' | 'end' | 'reset'): Promise<Loopback> {
  return serveTcp((socket) => {
    socket.write(bytes, 'latin1', () => {
      if (ending === 'end') socket.end();
      // After the bytes have been read: a reset can overtake them.
      if (ending === 'reset') setImmediate(() => socket.resetAndDestroy());
    });
  });
}

export async function listen(server: Server): Promise<Loopback> {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: new URL(`http://127.0.0.1:${port}/v1/chat`), sockets };
}

/** An upstream that is closed with the test. */
export function openUpstream(options: UndiciUpstreamOptions = {}): Upstream {
  const upstream = createUndiciUpstream(options);
  onTestFinished(() => upstream.close());
  return upstream;
}

export interface SendInit extends Partial<UpstreamRequest> {
  readonly signal?: AbortSignal;
  readonly connectTimeoutMs?: number;
}

/** Sends a POST that may go to private addresses, unless said otherwise. */
export function send(upstream: Upstream, url: URL, init: SendInit = {}): Promise<UpstreamResponse> {
  const { signal = new AbortController().signal, connectTimeoutMs = 5000, ...rest } = init;
  const request = { url, method: 'POST', headers: {}, body: '{}', allowPrivateAddress: true, ...rest } as const;
  return upstream.send(request, { signal, connectTimeoutMs });
}

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('It did not fail.');
}

/** Resolves with the milliseconds until the other side has closed its connection. */
export function untilClosed(socket: Socket): Promise<number> {
  const start = performance.now();
  return new Promise((resolve) => {
    if (socket.destroyed) resolve(0);
    socket.once('close', () => resolve(performance.now() - start));
  });
}

/** Counts the listeners that a signal has. */
export function countListeners(signal: AbortSignal): () => number {
  let count = 0;
  const { addEventListener, removeEventListener } = signal;
  const held = new Set<unknown>();
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    held.add(args[1]);
    count = held.size;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    held.delete(args[1]);
    count = held.size;
    removeEventListener.apply(signal, args);
  };
  return () => count;
}
