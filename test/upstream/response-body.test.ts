import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { type BodySource, ResponseBody } from '../../server/upstream/response-body.ts';
import { failureOf, openUpstream, readAll, send, serveBytes, serveHttp, serveTcp } from './loopback.ts';

const interrupted = expect.objectContaining({ name: 'AttemptError', failure: 'INTERRUPTED' });
const KIB = 1024;

function bodyOf() {
  const source = { pause: vi.fn(), resume: vi.fn(), leave: vi.fn() } satisfies BodySource;
  return { source, body: new ResponseBody(source, new AbortController().signal) };
}

describe('a body', () => {
  it('pauses its source at 32 KiB unread and resumes it when they are read', async () => {
    const { source, body } = bodyOf();
    body.push(Buffer.alloc(31 * KIB));
    expect(source.pause).not.toHaveBeenCalled();
    body.push(Buffer.alloc(KIB));
    body.push(Buffer.alloc(KIB));
    expect(source.pause).toHaveBeenCalledTimes(1);
    expect((await body.next()).value?.byteLength).toBe(33 * KIB);
    expect(source.resume).toHaveBeenCalledTimes(1);
  });

  it('does not resume a source that has ended: its connection may serve another call', async () => {
    const { source, body } = bodyOf();
    body.push(Buffer.alloc(50 * KIB));
    body.end();
    await body.next();
    expect(source.resume).not.toHaveBeenCalled();
  });

  it('gives what came before an error first', async () => {
    const { body } = bodyOf();
    body.push(Buffer.from('a'));
    body.fail(new Error('cut'));
    expect((await body.next()).value?.toString()).toBe('a');
    await expect(body.next()).rejects.toThrow('cut');
  });

  it('gives all that came in one turn as one piece', async () => {
    const { body } = bodyOf();
    const waiting = body.next();
    for (const text of ['a', 'b', 'c']) body.push(Buffer.from(text));
    expect((await waiting).value?.toString()).toBe('abc');
  });

  it('refuses a second read at the same time', async () => {
    const { body } = bodyOf();
    const waiting = body.next();
    await expect(body.next()).rejects.toThrow('one reader');
    body.end();
    expect((await waiting).done).toBe(true);
  });
});

describe('a reader that does not read', () => {
  it('makes the provider stop sending, and loses nothing', async () => {
    const chunk = Buffer.alloc(64 * KIB, 'x');
    const total = 800 * chunk.length;
    let sent = 0;
    const pump = async (response: ServerResponse): Promise<void> => {
      while (sent < total) {
        sent += chunk.length;
        if (!response.write(chunk)) {
          await new Promise((resolve) => {
            response.once('drain', resolve);
          });
        }
      }
      response.end();
    };
    const server = await serveHttp((_request, response) => void pump(response));
    const { body } = await send(openUpstream(), server.url);
    let before = -1;
    // Stalled: nothing more was taken in a tenth of a second.
    await vi.waitFor(
      () => {
        const now = sent;
        const stalled = now === before;
        before = now;
        expect(stalled).toBe(true);
      },
      { interval: 100, timeout: 5000 },
    );
    // What the kernel buffers on both sides is the kernel's choice.
    expect(sent).toBeLessThan(total / 2);
    let received = 0;
    for await (const piece of body) received += piece.byteLength;
    expect(received).toBe(total);
  });
});

describe('a body that is cut', () => {
  it.each([
    ['short of its content-length', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'],
    ['short of it, with connection: close', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\nabc'],
    ['within a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc'],
    ['between chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n'],
    ['before the last chunk ends', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n'],
    ['by a malformed chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n'],
  ])('%s gives what came and then INTERRUPTED', async (_name, bytes) => {
    const server = await serveBytes(bytes, 'end');
    const { body } = await send(openUpstream(), server.url);
    let text = '';
    const read = async (): Promise<void> => {
      for await (const piece of body) text += Buffer.from(piece).toString();
    };
    expect(await failureOf(read())).toEqual(interrupted);
    expect(text).toBe('abc');
  });

  it('by a reset is INTERRUPTED', async () => {
    const bytes = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n';
    const server = await serveTcp((socket) => void socket.write(bytes));
    const { body } = await send(openUpstream(), server.url);
    const reader = body[Symbol.asyncIterator]();
    await reader.next();
    server.sockets[0]?.resetAndDestroy();
    expect(await failureOf(reader.next())).toEqual(interrupted);
  });

  it('is not used for another call', async () => {
    const server = await serveBytes('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', 'end');
    const upstream = openUpstream();
    for (let call = 0; call < 2; call++) {
      const { body } = await send(upstream, server.url);
      expect(await failureOf(readAll(body))).toEqual(interrupted);
    }
    expect(server.sockets).toHaveLength(2);
  });
});

it('a body that only the end of the connection ends is complete', async () => {
  const server = await serveBytes('HTTP/1.1 200 OK\r\n\r\nabc', 'end');
  const { body } = await send(openUpstream(), server.url);
  expect((await readAll(body)).toString()).toBe('abc');
});
