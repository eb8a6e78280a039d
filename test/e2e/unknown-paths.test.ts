import http2 from 'node:http2';
import { Code, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChatService } from '../../gen/sluice/v1/chat_service_pb.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(() => gateway.close());

const TRANSPORTS = {
  gRPC: () => createGrpcTransport({ baseUrl: gateway.url }),
  'gRPC, JSON': () => createGrpcTransport({ baseUrl: gateway.url, useBinaryFormat: false }),
  'gRPC-Web, HTTP/1.1': () => createGrpcWebTransport({ baseUrl: gateway.url, httpVersion: '1.1' }),
  'gRPC-Web, HTTP/2': () => createGrpcWebTransport({ baseUrl: gateway.url, httpVersion: '2' }),
  'Connect, HTTP/1.1': () => createConnectTransport({ baseUrl: gateway.url, httpVersion: '1.1' }),
  'Connect, HTTP/2': () => createConnectTransport({ baseUrl: gateway.url, httpVersion: '2' }),
  'Connect, JSON': () => createConnectTransport({ baseUrl: gateway.url, httpVersion: '1.1', useBinaryFormat: false }),
};

/** ChatService under another name, in the way that stubs made from another contract would have it. */
function chatServiceNamed(typeName: string): typeof ChatService {
  const service = { ...ChatService, typeName };
  return Object.assign(service, { methods: ChatService.methods.map((method) => ({ ...method, parent: service })) });
}

const key = { headers: { authorization: `Bearer ${TEST_KEY}` } };

describe.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])('over %s', (name) => {
  it.each(['no.such.Service', 'sluice.v1.NoSuchService'])('%s is unimplemented', async (typeName) => {
    const client = createClient(chatServiceNamed(typeName), TRANSPORTS[name]());
    await expect(client.chat({}, key)).rejects.toMatchObject({ code: Code.Unimplemented });
    await expect(Array.fromAsync(client.streamChat({}, key))).rejects.toMatchObject({ code: Code.Unimplemented });
  });
});

describe('an unknown path', () => {
  it.each(['application/proto', 'application/json', 'application/connect+proto', 'application/connect+json'])(
    'of an RPC is JSON for Connect, posted as %s',
    async (type) => {
      const response = await fetch(`${gateway.url}/no.such.Service/Method`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{}',
      });
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await response.json()).toMatchObject({ code: 'unimplemented' });
    },
  );

  it.each([
    ['POST', '/v1/nothing'],
    ['GET', '/v1/nothing'],
    ['POST', '/no/such/thing'],
    ['POST', '/robots.txt'],
  ])('of REST is an error of REST: %s %s', async (method, path) => {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
      ...(method === 'POST' ? { body: '{}' } : {}),
    });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining(path) } });
  });

  const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${TEST_KEY}`, ...headers } });

  it.each([
    ['POST', '/v1/messages/batches', {}],
    ['GET', '/v1/messages/batches/msgbatch_1', {}],
    ['GET', '/v1/files', { 'anthropic-version': '2023-06-01' }],
    ['GET', '/v1/models/no-such-model', { 'anthropic-version': '2023-06-01' }],
  ])('of Anthropic’s API is in its envelope: %s %s', async (method, path, headers) => {
    const response = await ask(method, path, headers);
    const { type, error, request_id } = (await response.json()) as Record<string, { type: string }>;
    expect([response.status, type, error?.type]).toEqual([404, 'error', 'not_found_error']);
    expect(request_id).toBe(response.headers.get('request-id'));
  });

  it.each([
    ['POST', '/v1beta/cachedContents', {}],
    ['GET', '/v1beta/files?pageSize=1', {}],
    ['POST', '/v1/corpora', { 'x-goog-api-key': TEST_KEY }],
    ['POST', '/v1beta/models/a/b:noSuchMethod', {}],
  ])('of Google’s API is in its envelope: %s %s', async (method, path, headers) => {
    const response = await ask(method, path, headers);
    expect(await response.json()).toMatchObject({ error: { code: 404, status: 'UNIMPLEMENTED' } });
  });

  it.each([
    ['GET', '/v1/chat/completions', 'POST'],
    ['PUT', '/v1/messages', 'POST'],
    ['DELETE', '/v1beta/models/a/b', 'POST, GET, HEAD'],
    ['POST', '/v1/models', 'HEAD, GET'],
  ])('with another method is told of those that it has: %s %s', async (method, path, methods) => {
    const response = await ask(method, path);
    expect([response.status, response.headers.get('allow')?.split(', ').toSorted()]).toEqual([
      404,
      methods.split(', ').toSorted(),
    ]);
    expect(await response.text()).toContain('This path takes');
  });

  it.each([
    ['/v1/models/%E0%A4%A', { error: { type: 'invalid_request_error' } }],
    ['/v1beta/models/%E0%A4%A', { error: { code: 400, status: 'INVALID_ARGUMENT' } }],
    ['/v1/messages/%E0%A4%A', { type: 'error', error: { type: 'invalid_request_error' } }],
  ])('that is no path at all is refused in the API’s envelope: %s', async (path, envelope) => {
    const response = await ask('GET', path);
    expect([response.status, await response.json()]).toMatchObject([400, envelope]);
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  });

  it('ends a stream that its caller leaves open', async () => {
    const session = http2.connect(gateway.url);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/no.such.Service/Bidi',
      'content-type': 'application/grpc+proto',
    });
    stream.write(Buffer.alloc(5));
    const head = await new Promise<http2.IncomingHttpHeaders>((resolve) => stream.once('response', resolve));
    stream.resume();
    await new Promise((resolve) => stream.once('close', resolve));
    session.close();
    expect(head).toMatchObject({ ':status': 200, 'grpc-status': '12', 'content-type': 'application/grpc+proto' });
    expect(stream.rstCode).toBe(http2.constants.NGHTTP2_NO_ERROR);
  });
});
