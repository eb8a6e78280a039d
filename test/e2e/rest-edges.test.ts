import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await openGateway({
    yaml: 'cors: {allowed_origins: ["https://app.example"]}',
    providers: (url) =>
      `  - {name: claude, dialect: anthropic-messages, base_url: "${url}/v1", allow_private_address: true}\n`,
  });
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
    ['a number beyond a double', chat({ max_tokens: 1 }).replace('"max_tokens":1', '"max_tokens":1e400'), 'max_tokens'],
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
  const postTo = (provider: string, more: object, headers: Record<string, string> = {}) =>
    post(chat({ model: `${provider}/simulated-chat`, ...more }), headers);

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

  it('warnings are told in readable words, one by one', async () => {
    const response = await postTo('claude', { logprobs: true, top_logprobs: 2, seed: 7, stop: ['a\n'] });
    const told = response.headers.get('x-sluice-warnings')?.split(', ') ?? [];
    expect(told).toContain('DROPPED generation.seed');
    for (const one of told)
      expect(one).toMatch(/^(DROPPED|APPROXIMATED|EMULATED|CLAMPED|DEPRECATED) [\x21-\x2b\x2d-\x7e]+$/);
    expect(response.headers.get('x-sluice-warnings-omitted')).toBeNull();
  });

  it('more warnings than a header can hold are counted, and all stand in the Decision', async () => {
    const members = Object.fromEntries(
      Array.from({ length: 400 }, (_unused, at) => [`future, member[${at}] é ${'x'.repeat(40)}`, at]),
    );
    const response = await postTo('claude', members, { 'x-sluice-decision': 'true' });
    const { sluice } = (await response.json()) as { sluice: { warnings: { field: string }[] } };
    const told = response.headers.get('x-sluice-warnings') ?? '';
    expect(told.length).toBeLessThan(4096);
    expect(told).toMatch(/member\[0\]/);
    const shown = told.split(', ').length;
    const omitted = Number(response.headers.get('x-sluice-warnings-omitted'));
    expect(omitted).toBeGreaterThan(0);
    expect(shown + omitted).toBe(sluice.warnings.length);
  });

  it('the whole Decision comes with the answer when asked for', async () => {
    const answer = (await (await post(chat(), { 'x-sluice-decision': 'true' })).json()) as {
      sluice: { requestId: string; attempts: unknown[] };
    };
    expect(answer.sluice.requestId).toMatch(/^req_/);
    expect(answer.sluice.attempts).toHaveLength(1);
  });
});

describe('retries', () => {
  it('are told of as SDKs read it: whether, and after how long', async () => {
    const limited = await post(chat({ model: 'sim/simulated-chat?fault=status&code=429&retry-after=7' }), {
      'x-sluice-max-retries': '0',
    });
    const told = (response: Response) =>
      ['x-should-retry', 'retry-after', 'retry-after-ms'].map((name) => response.headers.get(name));
    expect([limited.status, ...told(limited)]).toEqual([429, 'true', '7', '7000']);
    const refused = await post('{}');
    expect([refused.status, ...told(refused)]).toEqual([400, 'false', null, null]);
  });
});

describe('models', () => {
  const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(gateway.url + path, {
      method,
      headers: { authorization: `Bearer ${TEST_KEY}`, ...headers },
    });
    const text = await response.text();
    return [response.status, text === '' ? undefined : JSON.parse(text)];
  };
  const anthropic = { 'anthropic-version': '2023-06-01' };

  it.each(['/v1/models/sim/simulated-chat', '/v1/models/sim%2Fsimulated-chat'])(
    '%s is described as the API that asks describes it',
    async (path) => {
      expect(await get(path)).toMatchObject([200, { id: 'sim/simulated-chat', object: 'model', owned_by: 'sim' }]);
      expect(await get(path, anthropic)).toMatchObject([200, { id: 'sim/simulated-chat', type: 'model' }]);
      expect(await get(path, { 'x-goog-api-key': TEST_KEY })).toMatchObject([
        200,
        { name: 'models/sim/simulated-chat' },
      ]);
    },
  );

  it('unknown ones are refused so too, and so are strangers', async () => {
    expect(await get('/v1/models/none')).toMatchObject([404, { error: { code: 'model_not_found', param: 'model' } }]);
    expect(await get('/v1/models/none', anthropic)).toMatchObject([404, { error: { type: 'not_found_error' } }]);
    const stranger = { ...anthropic, authorization: 'Bearer no' };
    expect(await get('/v1/models', stranger)).toMatchObject([401, { error: { type: 'authentication_error' } }]);
    expect(await get('/v1/models/x:generateContent', { authorization: '' }, 'POST')).toMatchObject([
      401,
      { error: { status: 'UNAUTHENTICATED' } },
    ]);
  });

  it('HEAD is GET without a body', async () => {
    expect(await get('/v1/models', {}, 'HEAD')).toEqual([200, undefined]);
    expect(await get('/v1/models/none', {}, 'HEAD')).toEqual([404, undefined]);
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
