import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Resolve } from '../../server/upstream/egress-guard.ts';
import { failureOf, listen, openUpstream, readAll, send, serveTcp } from './loopback.ts';
import { selfSigned } from './self-signed.ts';

const CONNECTION = expect.objectContaining({ name: 'AttemptError', failure: 'CONNECTION' });
const host = 'localhost';
const certificate = selfSigned(host);
const otherCertificate = selfSigned('other.example');
const toLoopback: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];

async function serveTls(identity = certificate) {
  const seen: unknown[] = [];
  const server = await listen(
    createServer(identity, (request, response) => {
      const socket = request.socket as TLSSocket;
      seen.push([socket.servername, request.headers.host, socket.alpnProtocol, socket.isSessionReused()]);
      response.setHeader('connection', 'close').end('ok');
    }),
  );
  return { ...server, seen };
}

describe('over TLS a request', () => {
  it('asks for the host by name at the address that was checked, and resumes the session', async () => {
    const { port, seen } = await serveTls();
    const upstream = openUpstream({ ca: certificate.cert, resolve: toLoopback });
    for (let call = 0; call < 2; call++) {
      const { body } = await send(upstream, new URL(`https://${host}:${port}/`));
      expect((await readAll(body)).toString()).toBe('ok');
    }
    expect(seen).toEqual([
      [host, `${host}:${port}`, 'http/1.1', false],
      [host, `${host}:${port}`, 'http/1.1', true],
    ]);
  });

  it.each([
    ['for another host', 'ERR_TLS_CERT_ALTNAME_INVALID', { served: otherCertificate, ca: otherCertificate.cert }, host],
    ['not for the address', 'ERR_TLS_CERT_ALTNAME_INVALID', { served: certificate, ca: certificate.cert }, '127.0.0.1'],
    ['of an unknown authority', 'DEPTH_ZERO_SELF_SIGNED_CERT', { served: certificate }, host],
  ])('is not sent where the certificate is %s', async (_name, code, { served, ...options }, hostname) => {
    const { port, seen } = await serveTls(served);
    const upstream = openUpstream({ ...options, resolve: toLoopback });
    const error = await failureOf(send(upstream, new URL(`https://${hostname}:${port}/`)));
    expect(error).toMatchObject({ failure: 'CONNECTION', message: expect.stringContaining(code) });
    expect(seen).toEqual([]);
  });

  it('fails where the other side speaks no TLS', async () => {
    const server = await serveTcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await failureOf(send(openUpstream(), new URL(`https://127.0.0.1:${server.port}/`)))).toEqual(CONNECTION);
  });

  it('fails where the other side closes during the handshake', async () => {
    const server = await serveTcp((socket) => socket.end());
    expect(await failureOf(send(openUpstream(), new URL(`https://127.0.0.1:${server.port}/`)))).toEqual(CONNECTION);
  });
});
