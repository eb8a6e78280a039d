import http from 'node:http';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { describe, expect, it } from 'vitest';
import { ModelService } from '../../gen/sluice/v1/model_service_pb.ts';
import { systemClock } from '../../server/core/clock.ts';
import { shutDown } from '../../server/shutdown.ts';
import { startGateway, TEST_KEY } from '../support/gateway.ts';

const headers = { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' };

describe('strangers over RPC', () => {
  it.each([
    ['application/proto', 401],
    ['application/json', 401],
    ['application/connect+proto', 200],
    ['application/grpc-web+proto', 200],
  ])('are refused before their body is read: %s', async (type, status) => {
    const { url } = await startGateway();
    // A body of two million empty messages, which would take seconds to decode.
    const body = Buffer.alloc(4_000_000, Buffer.from([0x12, 0x00]));
    const begun = performance.now();
    const response = await fetch(`${url}/sluice.v1.ChatService/Chat`, {
      method: 'POST',
      headers: { authorization: 'Bearer wrong', 'content-type': type },
      body,
    });
    const text = (await response.text()) + JSON.stringify([...response.headers]);
    expect(response.status).toBe(status);
    expect(text).toMatch(/unauthenticated|"grpc-status","16"|grpc-status: 16/);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});

describe('ids', () => {
  it('an RPC has one request id, in its header', async () => {
    const { url } = await startGateway();
    let seen: string | null = null;
    const client = createClient(ModelService, createConnectTransport({ baseUrl: url, httpVersion: '1.1' }));
    await client.listModels({}, { headers, onHeader: (answer) => (seen = answer.get('x-request-id')) });
    expect(seen).toMatch(/^req_[0-9a-f]{32}$/);
    const refused = await fetch(`${url}/sluice.v1.ModelService/ListModels`, {
      method: 'POST',
      headers: { ...headers, authorization: 'x' },
      body: '{}',
    });
    expect(refused.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
  });
});

describe('a model name that no header can carry', () => {
  it.each([true, false])('is answered, and the call is settled (stream: %s)', async (stream) => {
    const gateway = await startGateway();
    const body = `{"model":"sim/\\ud800","stream":${stream},"messages":[{"role":"user","content":"Hello"}]}`;
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body });
    await response.text();
    expect(response.status).toBe(200);
    expect(gateway.ledger.openCalls.size).toBe(0);
  });
});

describe('a route whose first target cannot do this kind of call', () => {
  it('goes on to the next', async () => {
    const gateway = await startGateway({
      yaml: 'routes: [{name: both, targets: [{provider: dead, model: x}, {provider: sim, model: simulated-embedding}]}]',
    });
    const body = JSON.stringify({ model: 'both', input: 'one' });
    const response = await fetch(`${gateway.url}/v1/embeddings`, { method: 'POST', headers, body });
    expect(response.status).toBe(200);
  });
});

describe('shutdown', () => {
  it('waits for a slow reader of an answer that is settled already', { timeout: 30_000 }, async () => {
    const gateway = await startGateway();
    const body = JSON.stringify({
      model: 'sim/simulated-chat?output-tokens=400000',
      messages: [{ role: 'user', content: 'Hello' }],
    });
    const length = await new Promise<number>((resolve, reject) => {
      const request = http.request(
        { port: gateway.port, method: 'POST', path: '/v1/chat/completions', headers, agent: false },
        (response) => {
          let read = 0;
          response.on('data', (chunk: Buffer) => {
            read += chunk.length;
          });
          response.on('end', () => resolve(read));
          response.on('error', reject);
          response.pause();
          setTimeout(() => response.resume(), 2500);
          void shutDown(
            { app: gateway.app, liveCalls: gateway.liveCalls, clock: systemClock },
            { drainDelayMs: 0, drainDeadlineMs: 20_000 },
          );
        },
      );
      request.on('error', reject);
      request.end(body);
    });
    expect(length).toBeGreaterThan(1_000_000);
  });
});
