import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect';
import { encodeEnvelope } from '@connectrpc/connect/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Health } from '../../../gen/grpc/health/v1/health_pb.ts';
import { systemClock } from '../../../server/core/clock.ts';
import { createRpcListener, type RpcListener } from '../../../server/rpc/adapter/rpc-listener.ts';
import { rpcMethods } from '../../../server/rpc/adapter/rpc-method.ts';

const limits = { readMaxBytes: 1000, writeMaxBytes: 1000, readMaxElements: 1000 };

/** What the listener leaves to the library is answered with 299. */
function listen(rpc: RpcListener): { readonly http1: http.Server; readonly http2: http2.Http2Server } {
  const first = http.createServer((request, response) => {
    if (!rpc(request, response)) response.writeHead(299).end();
  });
  const second = http2.createServer((request, response) => {
    if (!rpc(request, response)) response.writeHead(299).end();
  });
  return { http1: first.listen(0, '127.0.0.1'), http2: second.listen(0, '127.0.0.1') };
}

const health: Partial<ServiceImpl<typeof Health>> = {
  check({ service }) {
    if (service === 'fault') throw new TypeError('secret of the house');
    return { status: 1 };
  },
  async *watch() {
    yield { status: 1 };
  },
};
const methods = rpcMethods(
  {
    service: Health,
    options: {},
    implementation: health,
  },
  limits,
);
const servers = listen(
  createRpcListener(methods, {
    ...limits,
    clock: systemClock,
    maxTimeoutMs: 1000,
    admit({ requestHeader }) {
      if (requestHeader.has('x-stranger')) throw new ConnectError('who are you?', Code.Unauthenticated);
    },
    check() {},
  }),
);
let url = '';

beforeAll(() => {
  url = `http://127.0.0.1:${(servers.http1.address() as AddressInfo).port}`;
});
afterAll(() => {
  servers.http1.close();
  servers.http2.close();
});

function post(path: string, type: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  return fetch(url + path, { method: 'POST', headers: { 'content-type': type }, body });
}

const CHECK = '/grpc.health.v1.Health/Check';
const WATCH = '/grpc.health.v1.Health/Watch';

describe('a unary call', () => {
  it('is answered with its length, its id and nothing more', async () => {
    const response = await post(CHECK, 'application/json', '{}');
    expect(await response.json()).toEqual({ status: 'SERVING' });
    expect(response.headers.get('content-length')).toBe('20');
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  });

  it('carries every byte of a message unchanged, whatever its size', async () => {
    const response = await post(CHECK, 'application/proto', new Uint8Array());
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([8, 1]);
  });

  it('keeps a fault of a handler to itself', async () => {
    const response = await post(CHECK, 'application/json', '{"service":"fault"}');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ code: 'internal', message: 'internal error' });
  });

  it('is refused before its body has come', async () => {
    const headers = { 'content-type': 'application/proto', 'content-length': '100', 'x-stranger': '1' };
    const request = http.request(url + CHECK, { method: 'POST', headers, agent: false });
    request.flushHeaders();
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(401);
    request.destroy();
  });
});

describe('what is rare is left to the library', () => {
  it.each([
    ['an unknown method', '/grpc.health.v1.Health/Nope', 'application/proto'],
    ['an unknown type', CHECK, 'text/plain'],
    ['base64 of gRPC-Web', CHECK, 'application/grpc-web-text'],
    ['gRPC over HTTP/1.1', CHECK, 'application/grpc'],
    ['a stream asked for as if it were unary', WATCH, 'application/proto'],
    ['a unary call asked for as if it were a stream', CHECK, 'application/connect+proto'],
  ])('%s', async (_name, path, type) => {
    expect((await post(path, type, '')).status).toBe(299);
  });

  it.each(['GET', 'PUT', 'OPTIONS'])('%s where only POST is allowed', async (method) => {
    expect((await fetch(`${url + CHECK}?encoding=json&message={}`, { method })).status).toBe(299);
  });
});

describe('a client that goes away', () => {
  it('in the middle of its body harms nobody, over HTTP/2', async () => {
    const session = http2.connect(`http://127.0.0.1:${(servers.http2.address() as AddressInfo).port}`);
    const fields = { ':method': 'POST', ':path': CHECK, 'content-type': 'application/grpc' };
    const first = session.request(fields);
    first.on('error', () => {});
    first.write(encodeEnvelope(0, new Uint8Array(10)).subarray(0, 7));
    await new Promise((resolve) => session.ping(resolve));
    first.close(http2.constants.NGHTTP2_CANCEL);
    const second = session.request(fields);
    second.end(encodeEnvelope(0, new Uint8Array()));
    second.resume();
    const [trailers] = await once(second, 'trailers');
    expect(trailers['grpc-status']).toBe('0');
    session.close();
  });
});
