import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { startGateway, TEST_KEY } from '../support/gateway.ts';
import { selfSigned } from '../upstream/self-signed.ts';

/** Sends text over a raw connection and collects what comes back until it is closed or quiet. */
function exchangeRaw(port: number, pieces: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    let got = '';
    socket.setTimeout(500, () => socket.destroy());
    socket.on('data', (chunk) => (got += chunk));
    socket.on('close', () => resolve(got));
    socket.on('error', reject);
    socket.on('connect', async () => {
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((done) => setTimeout(done, 20));
      }
    });
  });
}

const headers = { authorization: `Bearer ${TEST_KEY}` };

describe('one port', () => {
  it('answers HTTP/1.1 whose first bytes come one by one', async () => {
    const { port } = await startGateway();
    const request = 'POST /healthz HTTP/1.1\r\nhost: x\r\n\r\n'.replace('POST', 'GET');
    expect(await exchangeRaw(port, ['G', 'E', 'T', request.slice(3)])).toContain('200 OK');
  });

  it('takes a request that begins like HTTP/2 and is not', async () => {
    const { port } = await startGateway();
    expect(await exchangeRaw(port, ['P', 'R', 'O', 'PFIND / HTTP/1.1\r\nhost: x\r\n\r\n'])).toMatch(/^HTTP\/1\.1 4/);
  });

  it('answers REST over cleartext HTTP/2', async () => {
    const { url } = await startGateway();
    const session = http2.connect(url);
    const stream = session.request({ ':path': '/v1/models', ...headers });
    const status = await new Promise((resolve) => stream.once('response', (head) => resolve(head[':status'])));
    session.close();
    expect(status).toBe(200);
  });

  it.each(['/sluice.v1.ModelService/ListModels', '/v1/chat/completions'])(
    'reads a body that ends without a byte over HTTP/2: %s',
    async (path) => {
      const { url } = await startGateway();
      const session = http2.connect(url);
      const head = { ':method': 'POST', ':path': path, 'content-type': 'application/proto', ...headers };
      const stream = session.request(head, { endStream: false });
      stream.end();
      const status = await new Promise((resolve) => stream.once('response', (told) => resolve(told[':status'])));
      session.close();
      expect(status).toBe(path.startsWith('/v1') ? 400 : 200);
    },
  );

  it('answers both protocols over TLS, chosen by ALPN', async () => {
    const pair = selfSigned('localhost');
    const gateway = await startGateway({ tls: { cert: pair.cert, key: pair.key } });
    const over1 = await new Promise((resolve, reject) =>
      https
        .get(`${gateway.url}/healthz`, { rejectUnauthorized: false, agent: false }, (response) => {
          response.resume();
          resolve([response.httpVersion, response.statusCode]);
        })
        .on('error', reject),
    );
    const session = http2.connect(gateway.url, { rejectUnauthorized: false });
    const stream = session.request({ ':path': '/healthz' });
    const over2 = await new Promise((resolve) => stream.once('response', (head) => resolve(head[':status'])));
    session.close();
    expect([over1, over2]).toEqual([['1.1', 200], 200]);
  });

  it('closes a connection that says nothing', { timeout: 20_000 }, async () => {
    const { port } = await startGateway();
    const socket = net.connect(port, '127.0.0.1');
    await new Promise((resolve) => socket.once('close', resolve));
  });
});
