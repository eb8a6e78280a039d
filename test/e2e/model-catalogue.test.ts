import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ModelService } from '../../gen/sluice/v1/model_service_pb.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

const YAML = `
routes:
  - {name: one, targets: [{provider: sim, model: small}]}
  - {name: both, targets: [{provider: sim, model: small}, {provider: sim, model: large}]}
  - {name: vague, targets: [{provider: sim, model: small}, {provider: sim, model: nobody-knows}]}
  - {name: moved-on, targets: [{provider: sim, model: gone}, {provider: sim, model: small}]}
models:
  - {provider: sim, model: small, display_name: Small, context_length: 1000, max_output_tokens: 100,
     capabilities: {tools: true, vision: true, reasoning: false}, aliases: [little],
     prices: [{input: "0.075", output: "0.3"}, {from: "2999-01-01", input: "1", output: "2", request: "0.01"}]}
  - {provider: sim, model: large, context_length: 9000, max_output_tokens: 50, capabilities: {tools: true, vision: false}}
  - {provider: sim, model: going, deprecated: "2020-01-01", retires: "2999-12-31", successor: large}
  - {provider: sim, model: gone, retires: "2020-01-01", successor: large}
`;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: YAML });
});
afterAll(() => gateway.close());

const headers = { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' };
/** As GET /v1/models tells of a model. */
interface Told {
  readonly id: string;
  readonly sluice?: object;
}
const get = async <T>(path: string): Promise<T> =>
  (await fetch(`${gateway.url}${path}`, { headers })).json() as Promise<T>;
const getModel = (id: string) => get<Told>(`/v1/models/${id}`);
const ask = (model: string, stream = false) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] }),
  });

describe('GET /v1/models/{id}', () => {
  test("keeps OpenAI's four members and tells what is known below a member of its own", async () => {
    expect(await getModel('sim/small')).toEqual({
      id: 'sim/small',
      object: 'model',
      created: expect.any(Number),
      owned_by: 'sim',
      sluice: {
        display_name: 'Small',
        context_length: 1000,
        max_output_tokens: 100,
        capabilities: { tools: true, vision: true, reasoning: false },
        prices: [
          { source: 'the configuration', rates: { input: '75000000', output: '300000000' } },
          {
            effective_time: '2999-01-01T00:00:00Z',
            source: 'the configuration',
            rates: { input: '1000000000', output: '2000000000' },
            request_nano_usd: '10000000',
          },
        ],
      },
    });
  });

  test('of a model that nothing is known of says nothing', async () => {
    expect(Object.keys(await getModel('sim/nobody-knows')).sort()).toEqual(['created', 'id', 'object', 'owned_by']);
  });

  test('of a route says what holds whichever target answers', async () => {
    expect((await getModel('both')).sluice).toEqual({
      context_length: 1000,
      max_output_tokens: 50,
      capabilities: { tools: true, vision: false, reasoning: false },
    });
    expect((await getModel('vague')).sluice).toBeUndefined();
  });

  test('stands in the list too', async () => {
    const { data } = await get<{ readonly data: readonly Told[] }>('/v1/models');
    const one = data.find(({ id }) => id === 'one');
    expect(one?.sluice).toMatchObject({ context_length: 1000 });
  });
});

describe('ModelService', () => {
  test('tells the same over RPC, days of retirement included', async () => {
    const transport = createConnectTransport({ baseUrl: gateway.url, httpVersion: '1.1' });
    const { model } = await createClient(ModelService, transport).getModel(
      { id: 'sim/going' },
      { headers: { authorization: `Bearer ${TEST_KEY}` } },
    );
    expect([model?.successor, model?.contextLength]).toEqual(['large', undefined]);
    expect(model?.retirementTime?.seconds).toBe(BigInt(Date.UTC(2999, 11, 31) / 1000));
  });
});

describe('a call', () => {
  test('to a model that will go is answered, with a warning', async () => {
    const response = await ask('sim/going');
    expect([response.status, response.headers.get('x-sluice-warnings')]).toEqual([200, 'DEPRECATED model']);
  });

  test.each([false, true])(
    'to a model that is gone is refused with the successor, and nothing is sent; stream: %s',
    async (stream) => {
      const response = await ask('sim/gone', stream);
      expect(response.status).toBe(404);
      expect(response.headers.get('x-sluice-attempts')).toBe('0');
      expect(await response.json()).toMatchObject({
        error: {
          code: 'model_not_found',
          message: "sim's model gone was retired on 2020-01-01. Its successor is large.",
        },
      });
    },
  );

  test('whose first target is gone goes to the next', async () => {
    const response = await ask('moved-on');
    expect([response.status, response.headers.get('x-sluice-model')]).toEqual([200, 'small']);
  });
});
