import http2 from 'node:http2';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(() => gateway.close());

const PATHS = ['/healthz', '/v1/models', '/sluice.v1.ModelService/ListModels', '/nowhere'];
const HOSTS = [
  '[',
  ']',
  '[::1',
  '',
  ' ',
  'x:99999',
  'x:',
  'x:-1',
  '#@h',
  'a b',
  'a/b',
  'a?b',
  'user@host',
  'x,y',
  '%00',
  'é',
  '..',
  '-x',
];
const TARGETS = ['//', '//evil.example/v1/models', 'http://evil.example/healthz', '*', 'healthz', '/a b', '/\u00e9'];

function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(gateway.port, '127.0.0.1', () => socket.write(text, 'latin1'));
    let got = '';
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (chunk) => (got += chunk));
    socket.on('close', () => resolve(got));
    socket.on('error', reject);
  });
}

describe.each(PATHS)('%s over HTTP/1.1', (path) => {
  it.each(HOSTS)('refuses the Host %j', async (host) => {
    expect(await raw(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('refuses HTTP/1.0 without a Host, and HTTP/1.1 too', async () => {
    expect(await raw(`GET ${path} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(`GET ${path} HTTP/1.1\r\nconnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('targets over HTTP/1.1', () => {
  it.each(TARGETS)('refuses %j', async (target) => {
    expect(await raw(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe.each(PATHS)('%s over HTTP/2', (path) => {
  it.each(HOSTS.filter((host) => host !== ' ' && host !== 'é'))('refuses the :authority %j', async (authority) => {
    const session = http2.connect(gateway.url);
    session.on('error', () => {});
    const stream = session.request({ ':path': path, ':authority': authority });
    const ending = await new Promise((resolve) => {
      stream.once('response', (headers) => resolve(headers[':status']));
      stream.once('error', () => resolve('refused by HTTP/2'));
    });
    session.destroy();
    expect([400, 'refused by HTTP/2']).toContain(ending);
  });
});

it('the server lives on', async () => {
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
});
