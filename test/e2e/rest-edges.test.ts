import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await openGateway({ yaml: 'cors: {allowed_origins: ["https://app.example"]}' });
});
afterAll(() => gateway.close());

const post = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = '/v1/chat/completions',
) =>
  fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json', ...headers },
    body,
  });

const chat = (more: object = {}) =>
  JSON.stringify({ model: 'sim/simulated-chat', messages: [{ role: 'user', content: 'Hello' }], ...more });

describe('a body that is not what the API says', () => {
  it.each([
    ['nothing', '', null],
    ['no JSON', '{oops', null],
    ['no object', '[1]', null],
    ['no model', '{"messages":[]}', 'model'],
    ['no messages', '{"model":"m"}', 'messages'],
    ['a wrong role', chat({ messages: [{ role: 'wizard', content: 'x' }] }), 'messages[0].role'],
    ['a wrong number', chat({ temperature: 'hot' }), 'temperature'],
    ['a number out of range', chat({ n: 999 }), 'n'],
    ['a member twice, in another case', chat({ Model: 'dead/x' }), null],
    ['a number beyond a double', chat({ future: 1 }).replace('"future":1', '"future":1e400'), null],
    [
      'an object of ten thousand members',
      chat({ metadata: Object.fromEntries(Array.from({ length: 10_000 }, (_unused, at) => [`k${at}`, 'v'])) }),
      null,
    ],
    ['nesting without end', chat({ metadata: JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) }), null],
  ])('is refused with 400 and the field: %s', async (_name, body, param) => {
    const response = await post(body);
    const { error } = (await response.json()) as { error: Record<string, unknown> };
    expect(response.status).toBe(400);
    expect(error).toMatchObject({ type: 'invalid_request_error', param, message: expect.any(String) });
    expect(error.code).toEqual(expect.any(String));
  });

  it('is refused with 413 when it is too large, before anything else is looked at', async () => {
    const response = await post(' '.repeat(33 * 1024 * 1024));
    expect(response.status).toBe(413);
    expect(response.headers.get('x-sluice-reason')).toBe('REQUEST_TOO_LARGE');
  });

  it('is refused when it is not UTF-8', async () => {
    const response = await post(new Uint8Array([0x7b, 0xff, 0x7d]));
    expect(response.status).toBe(400);
  });
});

describe('what the caller’s body holds besides', () => {
  it('reaches the provider, and what is authorised is what is sent', async () => {
    const body = `{"model":"dead/x","model":"sim/simulated-chat","messages":[{"role":"user","content":"Hello"}],"__proto__":{"x":1},"future_member":{"deep":[1]}}`;
    const response = await post(body);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-sluice-provider')).toBe('sim');
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});

describe('headers for the gateway', () => {
  it.each([
    ['x-sluice-max-retries', 'many'],
    ['x-sluice-timeout', 'soon'],
    ['x-sluice-strict', 'maybe'],
    ['x-sluice-metadata', '{"team": 7}'],
    ['x-sluice-decision', '1'],
  ])('%s: %s is refused by its name', async (name, value) => {
    const response = await post(chat(), { [name]: value });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: { param: string } }).error.param).toBe(name);
  });

  it('metadata reaches the record', async () => {
    await post(chat({ metadata: { ticket: '7' } }), { 'x-sluice-metadata': '{"team":"search","colour":"red"}' });
    expect(gateway.ledger.settled.at(-1)?.metadata).toMatchObject({
      team: 'search',
      labels: { ticket: '7', colour: 'red' },
    });
  });

  it('the whole Decision comes with the answer when asked for', async () => {
    const answer = (await (await post(chat(), { 'x-sluice-decision': 'true' })).json()) as {
      sluice: { requestId: string; attempts: unknown[] };
    };
    expect(answer.sluice.requestId).toMatch(/^req_/);
    expect(answer.sluice.attempts).toHaveLength(1);
  });
});

describe('keys', () => {
  it('the answer is the same whatever is wrong with the key', async () => {
    const answers = await Promise.all(
      [
        {},
        { authorization: '' },
        { authorization: 'Basic abc' },
        { authorization: `Bearer ${TEST_KEY}x` },
        { 'x-api-key': 'no' },
      ].map(async (headers) => {
        const response = await fetch(`${gateway.url}/v1/models`, { headers });
        return [response.status, await response.text()];
      }),
    );
    expect(new Set(answers.map(String)).size).toBe(1);
    expect(answers[0]?.[0]).toBe(401);
  });

  it('x-api-key does as well as Bearer', async () => {
    const response = await fetch(`${gateway.url}/v1/models`, { headers: { 'x-api-key': TEST_KEY } });
    expect(response.status).toBe(200);
  });
});

describe('other pages and origins', () => {
  it('an unknown path gets OpenAI’s envelope', async () => {
    const response = await post(chat(), {}, '/v1/no/such');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'unknown_url' } });
  });

  it('an allowed origin may call, another may not', async () => {
    const preflight = (origin: string) =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      });
    const allowed = await preflight('https://app.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization');
    const other = await preflight('https://evil.example');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('API answers are not for caches', async () => {
    expect((await post(chat())).headers.get('cache-control')).toBe('no-store');
  });
});
