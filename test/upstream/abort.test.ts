import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import {
  countListeners,
  failureOf,
  type Loopback,
  listen,
  openUpstream,
  readAll,
  send,
  serveHttp,
  untilClosed,
} from './loopback.ts';

/** How soon the provider has to see that nobody listens any more. */
const SOON_MS = 200;

interface Aborting {
  readonly controller: AbortController;
  readonly reason: Error;
  readonly listeners: () => number;
}

function aborting(): Aborting {
  const controller = new AbortController();
  return { controller, reason: new Error('the caller has gone'), listeners: countListeners(controller.signal) };
}

async function firstSocket(server: Loopback) {
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1), { interval: 2 });
  return server.sockets[0]!;
}

/** A server that writes each answer so far as the test lets it. */
async function serveSlowly(begin: (response: ServerResponse) => void) {
  const answers: ServerResponse[] = [];
  const server = await serveHttp((_request, response) => {
    answers.push(response);
    begin(response);
  });
  return { server, answers };
}

describe('an abort', () => {
  it('before the call sends nothing', async () => {
    const { controller, reason, listeners } = aborting();
    const server = await serveHttp((_request, response) => response.end());
    controller.abort(reason);
    expect(await failureOf(send(openUpstream(), server.url, { signal: controller.signal }))).toBe(reason);
    expect([server.sockets.length, listeners()]).toEqual([0, 0]);
  });

  it('during the look-up of the host ends the call, and no connection follows', async () => {
    const { controller, reason, listeners } = aborting();
    const server = await serveHttp((_request, response) => response.end());
    const answer = Promise.withResolvers<[{ address: string; family: number }]>();
    const upstream = openUpstream({ resolve: () => answer.promise });
    const url = new URL(`http://slow.example:${server.port}/`);
    const failed = failureOf(send(upstream, url, { signal: controller.signal }));
    controller.abort(reason);
    expect(await failed).toBe(reason);
    answer.resolve([{ address: '127.0.0.1', family: 4 }]);
    await readAll((await send(openUpstream(), server.url)).body);
    expect([server.sockets.length, listeners()]).toEqual([1, 0]);
  });

  it('during the TLS handshake closes the connection at once', async () => {
    const { controller, reason, listeners } = aborting();
    const server = await listen(createServer());
    const url = new URL(`https://127.0.0.1:${server.port}/`);
    const failed = failureOf(send(openUpstream(), url, { signal: controller.signal }));
    const closed = untilClosed((await firstSocket(server)).resume());
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(await closed).toBeLessThan(SOON_MS);
    expect(listeners()).toBe(0);
  });

  it('while waiting for a free connection gives the place up', async () => {
    const { controller, reason, listeners } = aborting();
    const { server, answers } = await serveSlowly((response) => response.write('a'));
    const upstream = openUpstream({ connectionsPerOrigin: 1 });
    const busy = await send(upstream, server.url);
    const failed = failureOf(send(upstream, server.url, { signal: controller.signal }));
    controller.abort(reason);
    expect(await failed).toBe(reason);
    answers[0]?.end();
    expect((await readAll(busy.body)).toString()).toBe('a');
    expect([answers.length, listeners()]).toEqual([1, 0]);
  });

  it('before the headers closes the connection at once', async () => {
    const { controller, reason, listeners } = aborting();
    const { server, answers } = await serveSlowly(() => {});
    const failed = failureOf(send(openUpstream(), server.url, { signal: controller.signal }));
    await vi.waitFor(() => expect(answers).toHaveLength(1), { interval: 2 });
    const closed = untilClosed(await firstSocket(server));
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(await closed).toBeLessThan(SOON_MS);
    expect(listeners()).toBe(0);
  });

  it('after the headers closes the connection at once, with a read waiting', async () => {
    const { controller, reason, listeners } = aborting();
    const { server } = await serveSlowly((response) => response.flushHeaders());
    const { body } = await send(openUpstream(), server.url, { signal: controller.signal });
    const failed = failureOf(readAll(body));
    const closed = untilClosed(await firstSocket(server));
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(await closed).toBeLessThan(SOON_MS);
    expect(listeners()).toBe(0);
  });

  it('amid the body closes the connection at once, with no read waiting and bytes unread', async () => {
    const { controller, reason } = aborting();
    const { server } = await serveSlowly((response) => response.write('x'.repeat(1000)));
    const { body } = await send(openUpstream(), server.url, { signal: controller.signal });
    const reader = body[Symbol.asyncIterator]();
    await reader.next();
    const closed = untilClosed(await firstSocket(server));
    controller.abort(reason);
    expect(await closed).toBeLessThan(SOON_MS);
    expect(await failureOf(reader.next())).toBe(reason);
  });

  it('amid a compressed body throws its reason too', async () => {
    const { controller, reason } = aborting();
    const { server } = await serveSlowly((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).flushHeaders(),
    );
    const { body } = await send(openUpstream(), server.url, { signal: controller.signal });
    const failed = failureOf(readAll(body));
    const closed = untilClosed(await firstSocket(server));
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(await closed).toBeLessThan(SOON_MS);
  });

  it('when all has come but not been read throws its reason', async () => {
    const { controller, reason } = aborting();
    const server = await serveHttp((_request, response) => response.end('all'));
    const upstream = openUpstream();
    const { body } = await send(upstream, server.url, { signal: controller.signal });
    await readAll((await send(upstream, server.url)).body);
    controller.abort(reason);
    expect(await failureOf(readAll(body))).toBe(reason);
  });

  it('after the end does nothing: the connection serves the next call', async () => {
    const { controller, reason, listeners } = aborting();
    const server = await serveHttp((_request, response) => response.end('ok'));
    const upstream = openUpstream();
    await readAll((await send(upstream, server.url, { signal: controller.signal })).body);
    expect(listeners()).toBe(0);
    controller.abort(reason);
    await readAll((await send(upstream, server.url)).body);
    expect(server.sockets).toHaveLength(1);
  });
});

describe('a reader that leaves early', () => {
  const endless = () => serveSlowly((response) => response.write('x'.repeat(1000)));

  it('closes the connection of an unfinished body', async () => {
    const { listeners, controller } = aborting();
    const { server } = await endless();
    const { body } = await send(openUpstream(), server.url, { signal: controller.signal });
    const closed = untilClosed(await firstSocket(server));
    for await (const _piece of body) break;
    expect(await closed).toBeLessThan(SOON_MS);
    expect(listeners()).toBe(0);
  });

  it('closes it without having read at all', async () => {
    const { server } = await endless();
    const { body } = await send(openUpstream(), server.url);
    const closed = untilClosed(await firstSocket(server));
    await body[Symbol.asyncIterator]().return?.();
    expect(await closed).toBeLessThan(SOON_MS);
  });

  it('closes it while a read waits, which then ends', async () => {
    const { server } = await serveSlowly((response) => response.flushHeaders());
    const { body } = await send(openUpstream(), server.url);
    const reader = body[Symbol.asyncIterator]();
    const waiting = reader.next();
    const closed = untilClosed(await firstSocket(server));
    await reader.return?.();
    expect(await closed).toBeLessThan(SOON_MS);
    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  it('closes that of a compressed body, read or not', async () => {
    const { server } = await serveSlowly((response) =>
      response.writeHead(200, { 'content-encoding': 'br' }).flushHeaders(),
    );
    const { body } = await send(openUpstream(), server.url);
    const closed = untilClosed(await firstSocket(server));
    await body[Symbol.asyncIterator]().return?.();
    expect(await closed).toBeLessThan(SOON_MS);
  });

  it('keeps the connection where the body had come in full', async () => {
    const server = await serveHttp((_request, response) => response.end('whole'));
    const upstream = openUpstream();
    for (let call = 0; call < 2; call++) {
      for await (const _piece of (await send(upstream, server.url)).body) break;
    }
    expect(server.sockets).toHaveLength(1);
  });
});
