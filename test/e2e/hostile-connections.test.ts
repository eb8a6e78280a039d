import http2 from 'node:http2';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { startGateway } from '../support/gateway.ts';

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    let got = '';
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('data', (chunk) => (got += chunk));
    socket.on('close', () => resolve(got));
    socket.on('error', reject);
  });
}

const headers = (count: number) => Array.from({ length: count }, (_unused, index) => `x-h-${index}: 1\r\n`).join('');

describe('headers', () => {
  it('of more than 16 KiB are refused with 431', async () => {
    const { port } = await startGateway();
    expect(await raw(port, `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(17_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
  });

  it('of more than a hundred lines are refused, not cut', async () => {
    const { port } = await startGateway();
    expect(await raw(port, `GET /healthz HTTP/1.1\r\nhost: x\r\n${headers(150)}\r\n`)).toMatch(/^HTTP\/1\.1 4(00|31) /);
  });

  it('of more than a hundred lines are refused over HTTP/2 too', async () => {
    const { url } = await startGateway();
    const session = http2.connect(url);
    session.on('error', () => {});
    const many = Object.fromEntries(Array.from({ length: 150 }, (_unused, index) => [`x-h-${index}`, '1']));
    const stream = session.request({ ':path': '/healthz', ...many });
    const ending = await new Promise((resolve) => {
      stream.once('response', (answer) => resolve(answer[':status']));
      stream.once('error', () => resolve('refused'));
    });
    session.destroy();
    expect(ending).toBe('refused');
  });

  it.each([
    ['both lengths', 'content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'content-length: 3\r\ncontent-length: 4\r\n\r\nabc'],
    ['a folded line', 'x: a\r\n b\r\n\r\n'],
    ['a bare line feed in a value', 'x: a\nb: c\r\n\r\n'],
    ['a NUL', 'x: a\u0000b\r\n\r\n'],
  ])('with %s are refused', async (_name, tail) => {
    const { port } = await startGateway();
    expect(await raw(port, `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n${tail}`)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('connections that say nothing', { timeout: 30_000 }, () => {
  it('are closed within 15 s, over HTTP/1.1 and after an HTTP/2 preface, while others are served', async () => {
    const gateway = await startGateway();
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000';
    const begun = performance.now();
    const closed = ['', 'GET /healthz HTTP/1.1\r\nhost: x\r\n', preface].flatMap((text) =>
      Array.from({ length: 50 }, () => silence(gateway.port, text)),
    );
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    await Promise.all(closed);
    expect(performance.now() - begun).toBeLessThan(15_000);
  });
});

function silence(port: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });
}

describe('HTTP/2 streams that are opened and reset', () => {
  it('cut their connection before long, and others are served', async () => {
    const gateway = await startGateway();
    const session = http2.connect(gateway.url);
    session.on('error', () => {});
    const gone = new Promise((resolve) => session.once('close', resolve));
    let resets = 0;
    while (!session.destroyed && resets < 5000) {
      for (let turn = 0; turn < 50 && !session.destroyed; turn += 1) {
        const stream = session.request({ ':method': 'POST', ':path': '/v1/chat/completions' });
        stream.on('error', () => {});
        stream.close(http2.constants.NGHTTP2_CANCEL);
        resets += 1;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await gone;
    expect(resets).toBeLessThan(5000);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect(gateway.liveCalls.size).toBe(0);
  });
});
