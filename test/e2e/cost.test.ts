import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChatService } from '../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

const YAML = `
routes:
  - {name: twice, targets: [{provider: sim, model: priced}, {provider: sim, model: priced}]}
models:
  - {provider: sim, model: priced, prices: [{input: "3", output: "15", request: "0.001"}]}
  - {provider: sim, model: free, prices: [{input: "0", output: "0"}]}
`;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: YAML });
});
afterAll(() => gateway.close());

const headers = { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' };
const messages = [{ role: 'user', content: 'Hello' }];
const post = (path: string, body: object, more: Record<string, string> = {}) =>
  fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { ...headers, ...more },
    body: JSON.stringify(body),
  });

/** 3 and 15 dollars for a million tokens, a thousandth of a dollar for the request. */
const expected = (input: number, output: number): string =>
  String(BigInt(input) * 3000n + BigInt(output) * 15_000n + 1_000_000n);

describe('what a call cost', () => {
  test('stands in the header of an answer in one piece, to the nano-dollar', async () => {
    const response = await post('/v1/chat/completions', { model: 'sim/priced', messages });
    const { usage } = (await response.json()) as { usage: { prompt_tokens: number; completion_tokens: number } };
    expect(response.headers.get('x-sluice-cost-nano-usd')).toBe(expected(usage.prompt_tokens, usage.completion_tokens));
  });

  test('stands at the end of a stream, with the version of the price', async () => {
    const response = await post(
      '/v1/chat/completions',
      { model: 'sim/priced', stream: true, stream_options: { include_usage: true }, messages },
      { 'x-sluice-decision': 'true' },
    );
    const events = (await response.text()).split('\n\n').flatMap((frame) => {
      const data = frame.startsWith('data: {') ? [JSON.parse(frame.slice('data: '.length))] : [];
      return data as { usage?: { prompt_tokens: number; completion_tokens: number }; sluice?: Told }[];
    });
    const usage = events.findLast((event) => event.usage)?.usage;
    const decision = events.find((event) => event.sluice)?.sluice;
    expect(usage).toBeDefined();
    expect(decision?.cost?.nanoUsd).toBe(expected(usage?.prompt_tokens ?? 0, usage?.completion_tokens ?? 0));
    expect(decision?.cost?.priceVersion).toMatch(/^sim\/priced@always#[0-9a-f]{8}$/);
    expect(decision?.attempts[0]?.cost).toEqual(decision?.cost);
  });

  test('comes over RPC too', async () => {
    const transport = createConnectTransport({ httpVersion: '1.1', baseUrl: gateway.url });
    const { decision } = await createClient(ChatService, transport).chat(
      {
        generation: {
          model: 'sim/priced',
          messages: [{ role: Role.USER, parts: [{ kind: { case: 'text', value: { text: 'Hello' } } }] }],
        },
      },
      { headers: { authorization: headers.authorization } },
    );
    const { inputTokens = 0, outputTokens = 0 } = decision?.usage ?? {};
    expect(decision?.cost?.nanoUsd).toBe(BigInt(expected(inputTokens, outputTokens)));
  });

  test('is nothing where the model is free, and unset where no price is known', async () => {
    const free = await post('/v1/chat/completions', { model: 'sim/free', messages });
    expect(free.headers.get('x-sluice-cost-nano-usd')).toBe('0');
    const unknown = await post('/v1/chat/completions', { model: 'sim/nobody-knows', messages });
    expect(unknown.status).toBe(200);
    expect(unknown.headers.get('x-sluice-cost-nano-usd')).toBeNull();
  });
});

interface Told {
  readonly cost?: { readonly nanoUsd: string; readonly priceVersion: string };
  readonly attempts: readonly { readonly cost?: object }[];
}
