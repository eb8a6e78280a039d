import { createServer } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { createFakeClock } from '../support/fake-clock.ts';
import {
  failureOf,
  listen,
  openUpstream,
  readAll,
  send,
  serveBytes,
  serveHttp,
  serveTcp,
  untilClosed,
} from './loopback.ts';

const failing = (failure: string) => expect.objectContaining({ name: 'AttemptError', failure });

describe('an exchange', () => {
  it('sends method, path, query, headers and body, and asks for no compression', async () => {
    const server = await serveHttp(async (request, response) => {
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, url, headers, body: (await readAll(request)).toString() }));
    });
    const url = new URL(`http://127.0.0.1:${server.port}/v1/chat?api-version=1#part`);
    const headers = { authorization: 'Bearer k', 'content-type': 'application/json' };
    const { body } = await send(openUpstream(), url, { headers, body: '{"ä":1}' });
    expect(JSON.parse((await readAll(body)).toString())).toEqual({
      method: 'POST',
      url: '/v1/chat?api-version=1',
      headers: {
        ...headers,
        host: `127.0.0.1:${server.port}`,
        connection: 'keep-alive',
        'accept-encoding': 'identity',
        'content-length': '8',
      },
      body: '{"ä":1}',
    });
  });

  it('gives header names in lower case and of repeated ones the first', async () => {
    const server = await serveBytes(
      'HTTP/1.1 200 OK\r\nX-One: 1\r\nx-one: 2\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n__proto__: p\r\ncontent-length: 0\r\n\r\n',
      'keep',
    );
    const { status, headers } = await send(openUpstream(), server.url);
    expect(status).toBe(200);
    expect(Object.entries(headers)).toEqual([
      ['x-one', '1'],
      ['set-cookie', 'a'],
      ['__proto__', 'p'],
      ['content-length', '0'],
    ]);
    expect(headers.constructor).toBeUndefined();
  });

  it('passes over interim answers', async () => {
    const server = await serveBytes(
      'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
      'keep',
    );
    const { status, headers, body } = await send(openUpstream(), server.url);
    expect([status, headers, (await readAll(body)).toString()]).toEqual([200, { 'content-length': '2' }, 'ok']);
  });

  it.each([301, 302, 303, 307, 308])('returns a redirect %i and does not follow it', async (status) => {
    const seen: unknown[] = [];
    const server = await serveHttp((request, response) => {
      seen.push(request.url);
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    const answer = await send(openUpstream(), server.url);
    expect([answer.status, answer.headers.location]).toEqual([status, '/elsewhere']);
    expect((await readAll(answer.body)).length).toBe(0);
    expect(seen).toEqual(['/v1/chat']);
  });

  it('asks no proxy of the environment', async () => {
    const proxy = await serveHttp((_request, response) => response.end('proxy'));
    const server = await serveHttp((_request, response) => response.end('server'));
    vi.stubEnv('http_proxy', proxy.url.origin);
    vi.stubEnv('HTTP_PROXY', proxy.url.origin);
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    const { body } = await send(openUpstream(), server.url);
    expect((await readAll(body)).toString()).toBe('server');
    vi.unstubAllEnvs();
  });
});

describe('the connections to an origin', () => {
  it('are used again once an answer is complete', async () => {
    const server = await serveHttp((_request, response) => response.end('ok'));
    const upstream = openUpstream();
    for (let call = 0; call < 5; call++) await readAll((await send(upstream, server.url)).body);
    expect(server.sockets).toHaveLength(1);
  });

  it('are made as needed, since one carries one request at a time', async () => {
    const waiting: (() => void)[] = [];
    const server = await serveHttp((_request, response) => {
      waiting.push(() => response.end('ok'));
      if (waiting.length === 3) for (const answer of waiting) answer();
    });
    const upstream = openUpstream();
    await Promise.all([1, 2, 3].map(async () => readAll((await send(upstream, server.url)).body)));
    expect(server.sockets).toHaveLength(3);
  });

  it('are no more than allowed: further requests wait for their turn', async () => {
    const order: string[] = [];
    const server = await serveHttp(async (request, response) => {
      order.push((await readAll(request)).toString());
      response.end('ok');
    });
    const upstream = openUpstream({ connectionsPerOrigin: 1 });
    const bodies = ['a', 'b', 'c', 'd'];
    await Promise.all(bodies.map(async (body) => readAll((await send(upstream, server.url, { body })).body)));
    expect(order).toEqual(bodies);
    expect(server.sockets).toHaveLength(1);
  });

  it('lets a waiting request go when the one before it fails', async () => {
    const server = await serveHttp((request, response) => {
      if (request.headers['x-call'] === '1') request.socket.resetAndDestroy();
      else response.end('ok');
    });
    const upstream = openUpstream({ connectionsPerOrigin: 1 });
    const first = failureOf(send(upstream, server.url, { headers: { 'x-call': '1' } }));
    const second = send(upstream, server.url, { headers: { 'x-call': '2' } });
    expect(await first).toEqual(failing('CONNECTION'));
    expect((await readAll((await second).body)).toString()).toBe('ok');
  });

  it('are made anew where the server closes after each answer', async () => {
    const server = await serveHttp((_request, response) => response.setHeader('connection', 'close').end('ok'));
    const upstream = openUpstream();
    for (let call = 0; call < 3; call++) await readAll((await send(upstream, server.url)).body);
    expect(server.sockets).toHaveLength(3);
  });

  it('that were closed while idle are not used', async () => {
    const server = await serveHttp((_request, response) => response.end('ok'));
    const upstream = openUpstream();
    await readAll((await send(upstream, server.url)).body);
    const closed = untilClosed(server.sockets[0]!);
    server.sockets[0]?.end();
    await closed;
    expect((await readAll((await send(upstream, server.url)).body)).toString()).toBe('ok');
    expect(server.sockets).toHaveLength(2);
  });

  it('that reset a second request fail it, and it is not sent again', async () => {
    let requests = 0;
    const server = await serveHttp((request, response) => {
      requests++;
      if (requests === 1) response.end('ok');
      else request.socket.resetAndDestroy();
    });
    const upstream = openUpstream();
    await readAll((await send(upstream, server.url)).body);
    expect(await failureOf(send(upstream, server.url))).toEqual(failing('CONNECTION'));
    expect(requests).toBe(2);
    expect(server.sockets).toHaveLength(1);
  });

  it('are cut by close(), after which nothing is sent', async () => {
    const server = await serveHttp((request, response) => {
      if (request.headers['x-call'] === 'begun') response.write('begun');
    });
    const upstream = openUpstream({ connectionsPerOrigin: 2 });
    const begun = await send(upstream, server.url, { headers: { 'x-call': 'begun' } });
    const silent = failureOf(send(upstream, server.url));
    const queued = failureOf(send(upstream, server.url));
    await vi.waitFor(() => expect(server.sockets).toHaveLength(2));
    const closed = Promise.all(server.sockets.map(untilClosed));
    await upstream.close();
    expect(await silent).toEqual(failing('CONNECTION'));
    expect(await queued).toEqual(failing('CONNECTION'));
    expect(await failureOf(readAll(begun.body))).toEqual(failing('INTERRUPTED'));
    expect(await failureOf(send(upstream, server.url))).toEqual(failing('CONNECTION'));
    await closed;
    expect(server.sockets).toHaveLength(2);
  });
});

describe('a failure before the headers', () => {
  it('is CONNECTION for a port where nobody listens', async () => {
    const server = createServer();
    const { url } = await listen(server);
    await new Promise((resolve) => {
      server.close(resolve);
    });
    const error = await failureOf(send(openUpstream(), url, { headers: { authorization: 'Bearer canary' } }));
    expect(error).toEqual(failing('CONNECTION'));
    expect(error).toMatchObject({ message: expect.stringContaining('ECONNREFUSED'), cause: expect.any(Error) });
    expect(String(error)).not.toContain('canary');
  });

  it('is CONNECTION for a host name that does not resolve', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' }));
    const error = await failureOf(send(openUpstream({ resolve }), new URL('https://nowhere.example/')));
    expect(error).toMatchObject({ failure: 'CONNECTION', message: expect.stringContaining('ENOTFOUND') });
  });

  it('is CONNECTION for a host name without addresses', async () => {
    const upstream = openUpstream({ resolve: async () => [] });
    expect(await failureOf(send(upstream, new URL('https://nowhere.example/')))).toEqual(failing('CONNECTION'));
  });

  it.each([
    ['a close', ''],
    ['half of the headers', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['what is not HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['a bad header name', 'HTTP/1.1 200 OK\r\nbad name: 1\r\n\r\n'],
    ['a bare CR in a header value', 'HTTP/1.1 200 OK\r\nx-a: 1\rx-b: 2\r\n\r\n'],
    ['a NUL in a header value', 'HTTP/1.1 200 OK\r\nx-a: 1\0\r\n\r\n'],
    ['content-length beside chunked', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc'],
    ['two content-lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc'],
    ['headers without end', `HTTP/1.1 200 OK\r\n${`x-a: ${'a'.repeat(1000)}\r\n`.repeat(100)}`],
    [
      'an upgrade that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
  ])('is CONNECTION for %s', async (_name, bytes) => {
    const server = await serveBytes(bytes, 'end');
    expect(await failureOf(send(openUpstream(), server.url))).toEqual(failing('CONNECTION'));
  });

  it('is CONNECTION for a reset', async () => {
    const server = await serveTcp((socket) => socket.resetAndDestroy());
    expect(await failureOf(send(openUpstream(), server.url))).toEqual(failing('CONNECTION'));
  });
});

describe('the connect timeout', () => {
  const timedOut = expect.objectContaining({ failure: 'TIMEOUT', timer: 'connect' });

  it('ends a look-up that hangs', async () => {
    const clock = createFakeClock();
    const upstream = openUpstream({ clock, resolve: () => new Promise(() => {}) });
    const failed = failureOf(send(upstream, new URL('https://slow.example/'), { connectTimeoutMs: 2000 }));
    await clock.advance(1999);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect(await failed).toEqual(timedOut);
  });

  it('ends a TLS handshake that hangs, and closes the connection', async () => {
    const clock = createFakeClock();
    const server = await listen(createServer());
    const failed = failureOf(send(openUpstream({ clock }), new URL(`https://127.0.0.1:${server.port}/`)));
    await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
    const closed = untilClosed(server.sockets[0]!);
    server.sockets[0]?.resume();
    await clock.advance(5000);
    expect(await failed).toEqual(timedOut);
    await closed;
  });

  it('ends the wait for a free connection, and the busy one is not harmed', async () => {
    const clock = createFakeClock();
    let finish = (): void => {};
    const server = await serveHttp((_request, response) => {
      response.write('a');
      finish = () => response.end('b');
    });
    const upstream = openUpstream({ clock, connectionsPerOrigin: 1 });
    const busy = await send(upstream, server.url);
    const failed = failureOf(send(upstream, server.url));
    await clock.advance(5000);
    expect(await failed).toEqual(timedOut);
    finish();
    expect((await readAll(busy.body)).toString()).toBe('ab');
  });

  it('leaves no timer behind once the request is on its way', async () => {
    const clock = createFakeClock();
    const server = await serveHttp((_request, response) => response.write('a'));
    const { body } = await send(openUpstream({ clock }), server.url);
    expect(clock.pending).toBe(0);
    await body[Symbol.asyncIterator]().return?.();
  });
});
