import { ApiError, FunctionCallingConfigMode, GoogleGenAI, type Part, Type } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
const clientOf = (apiKey: string, headers: Record<string, string> = {}) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gateway.url, headers } });

beforeAll(async () => {
  gateway = await openGateway({
    providers: (url) => `  - {name: goog, dialect: gemini, base_url: "${url}/v1beta", allow_private_address: true}\n`,
  });
});
afterAll(() => gateway.close());

const weather = {
  name: 'weather',
  description: 'The weather of a city',
  parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] },
};
const tools = [{ functionDeclarations: [weather] }];
const required = { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } };

const textOf = (parts: readonly Part[] = []) => parts.map(({ text }) => text ?? '').join('');

describe.each([
  ['a provider of its own format', 'goog'],
  ["a provider of OpenAI's format", 'sim'],
])('the official Google SDK for Node, unmodified, before %s', (_, provider) => {
  const model = `${provider}/simulated-chat`;
  const ask = (contents = 'Hello', config = {}, name = model) =>
    clientOf(TEST_KEY).models.generateContent({ model: name, contents, config });

  it('gets an answer in one piece', async () => {
    const answer = await ask();
    expect(answer.text).toContain('Hello');
    expect(answer.candidates?.[0]?.finishReason).toBe('STOP');
    expect(answer.usageMetadata?.totalTokenCount).toBeGreaterThan(0);
    expect(answer.modelVersion).toBe('simulated-chat');
  });

  it('gets a stream, with usage at its end', async () => {
    const chunks = [];
    for await (const chunk of await clientOf(TEST_KEY).models.generateContentStream({ model, contents: 'Hello' })) {
      chunks.push(chunk);
    }
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.map((chunk) => chunk.text ?? '').join('')).toContain('Hello');
    expect(chunks.filter((chunk) => chunk.candidates?.[0]?.finishReason !== undefined)).toHaveLength(1);
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
    expect(chunks.at(-1)?.usageMetadata?.candidatesTokenCount).toBeGreaterThan(0);
  });

  it("takes the key in the address, as Google's REST examples send it", async () => {
    const ask = (path: string, key: string) =>
      fetch(`${gateway.url}${path}?key=${key}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, contents: [{ parts: [{ text: 'Hello' }] }], messages: [] }),
      });
    for (const version of ['v1', 'v1beta']) {
      const path = `/${version}/models/${model}:generateContent`;
      expect((await ask(path, TEST_KEY)).status).toBe(200);
      expect((await ask(path, 'sk-sluice-none')).status).toBe(401);
    }
    // Nobody else's API does that.
    expect((await ask('/v1/chat/completions', TEST_KEY)).status).toBe(401);
  });

  it('sees thoughts apart from words', async () => {
    const answer = await ask('Hello', { thinkingConfig: { includeThoughts: true } }, `${provider}/simulated-reasoning`);
    const parts = answer.candidates?.[0]?.content?.parts ?? [];
    expect(textOf(parts.filter(({ thought }) => thought)).length).toBeGreaterThan(0);
    expect(answer.usageMetadata?.thoughtsTokenCount).toBeGreaterThan(0);
  });

  it('calls functions in a chat and goes on with their results', async () => {
    const chat = clientOf(TEST_KEY).chats.create({ model, config: { tools, toolConfig: required } });
    const first = await chat.sendMessage({ message: 'Hello' });
    const call = first.functionCalls?.[0];
    expect(call).toMatchObject({ name: 'weather', args: { city: expect.any(String) } });
    const functionResponse = { name: 'weather', response: { output: 'Sunny' }, ...(call?.id && { id: call.id }) };
    const second = await chat.sendMessage({ message: [{ functionResponse }], config: { tools } });
    expect(second.text?.length).toBeGreaterThan(0);
    expect(chat.getHistory(true).map(({ role }) => role)).toEqual(['user', 'model', 'user', 'model']);
  });

  it('keeps the history of a chat that is streamed', async () => {
    const chat = clientOf(TEST_KEY).chats.create({ model });
    for await (const _chunk of await chat.sendMessageStream({ message: 'Hello' }));
    for await (const _chunk of await chat.sendMessageStream({ message: 'Again' }));
    const history = chat.getHistory(true);
    expect(history.filter(({ role }) => role === 'user')).toHaveLength(2);
    expect(textOf(history[1]?.parts).length + textOf(history[2]?.parts).length).toBeGreaterThan(0);
  });

  it('gets a streamed call whole', async () => {
    const stream = await clientOf(TEST_KEY).models.generateContentStream({
      model,
      contents: 'Hello',
      config: { tools, toolConfig: required },
    });
    const calls = [];
    for await (const chunk of stream) calls.push(...(chunk.functionCalls ?? []));
    expect(calls).toMatchObject([{ name: 'weather', args: { city: expect.any(String) } }]);
  });

  it('gets JSON by a schema, in either spelling of schemas', async () => {
    const json = { responseMimeType: 'application/json' };
    const schema = { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] };
    const older = await ask('Hello', { ...json, responseSchema: schema });
    expect(JSON.parse(older.text ?? '')).toHaveProperty('city');
    const responseJsonSchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const newer = await ask('Hello', { ...json, responseJsonSchema });
    expect(JSON.parse(newer.text ?? '')).toHaveProperty('city');
  });

  it('counts tokens', async () => {
    const { totalTokens, sdkHttpResponse } = await clientOf(TEST_KEY).models.countTokens({
      model,
      contents: 'Hello there',
    });
    // Only a provider of a format with a counter counts itself.
    const source = provider === 'goog' ? 'provider' : 'estimate';
    expect(sdkHttpResponse?.headers?.['x-sluice-usage-source']).toBe(source);
    expect(totalTokens).toBeGreaterThan(0);
  });

  it('gets vectors, one or several', async () => {
    const embed = (contents: string | string[]) =>
      clientOf(TEST_KEY).models.embedContent({
        model: `${provider}/simulated-embedding`,
        contents,
        config: { outputDimensionality: 16 },
      });
    const one = await embed('one');
    const two = await embed(['one', 'two']);
    expect(one.embeddings?.[0]?.values).toHaveLength(16);
    expect(two.embeddings).toHaveLength(2);
    expect(two.embeddings?.[0]?.values?.[0]).toBeCloseTo(one.embeddings?.[0]?.values?.[0] ?? Number.NaN, 5);
  });

  it('throws its own errors, with the status', async () => {
    const failing = async (asked: Promise<unknown>) => {
      const error = await asked.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ApiError);
      return error as ApiError;
    };
    const stranger = clientOf('wrong').models.generateContent({ model, contents: 'x' });
    expect((await failing(stranger)).status).toBe(401);
    expect((await failing(ask('x', {}, 'nobody/knows'))).status).toBe(404);
    const bad = await failing(ask('x', { temperature: 9 }));
    expect(bad.status).toBe(400);
    expect(JSON.parse(bad.message)).toMatchObject({ error: { code: 400, status: 'INVALID_ARGUMENT' } });
    expect(bad.message).toContain('generationConfig.temperature');
  });
});

describe('what the SDK does not ask for', () => {
  const post = (path: string, body: object = { contents: [{ parts: [{ text: 'Hello' }] }] }, headers = {}) =>
    fetch(`${gateway.url}/v1beta/models/${path}`, {
      method: 'POST',
      headers: { 'x-goog-api-key': TEST_KEY, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  it.each(['sim/simulated-chat', 'sim%2Fsimulated-chat', 'sim/name:with:colons', 'sim%2Fname%3Awith%3Acolons'])(
    'the model %s is found by the last colon',
    async (name) => {
      const answer = await post(`${name}:generateContent`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-sluice-model')).toBe(decodeURIComponent(name).slice('sim/'.length));
    },
  );

  it.each(['goog', 'sim'])('a stream of %s without alt=sse is an array, an element at a time', async (provider) => {
    const answer = await post(`${provider}/simulated-chat:streamGenerateContent`);
    expect(answer.headers.get('content-type')).toContain('application/json');
    const elements = (await answer.text()).split(/^[[,]/m).slice(1);
    expect(elements.length).toBeGreaterThan(2);
    const chunks = JSON.parse(`[${elements.join(',').replace(/\]\n$/, '')}]`);
    expect(chunks.at(-1)).toMatchObject({ candidates: [{ finishReason: 'STOP' }] });
    const events = await post(`${provider}/simulated-chat:streamGenerateContent?alt=sse`);
    expect((await events.text()).match(/^data: /gm)).toHaveLength(chunks.length);
  });

  it('a stream in an array that breaks ends with an error, and the array is whole', async () => {
    const answer = await post('sim%2Fsimulated-chat%3Ffault%3Dcut%26after%3D5:streamGenerateContent');
    const chunks = (await answer.json()) as object[];
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.at(-1)).toMatchObject({ error: { code: 502, status: 'UNAVAILABLE' } });
    expect(JSON.stringify(chunks)).not.toContain('finishReason');
  });

  it('a stream in a writing that is not offered is refused by the name of the parameter', async () => {
    const answer = await post('sim/simulated-chat:streamGenerateContent?alt=proto');
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('json or sse');
  });

  it('a method that nobody has is unknown, in the envelope of the API', async () => {
    const answer = await post('sim/simulated-chat:predict');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 404, status: 'UNIMPLEMENTED' } });
  });

  it.each(['goog', 'sim'])('a stream of %s that breaks ends with an error and no finish reason', async (provider) => {
    const answer = await post(`${provider}%2Fsimulated-chat%3Ffault%3Dcut%26after%3D5:streamGenerateContent?alt=sse`);
    const frames = (await answer.text())
      .split(/\r?\n/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => JSON.parse(line.slice(5)));
    expect(frames.length).toBeGreaterThan(1);
    expect(frames.at(-1)).toMatchObject({ error: { code: 502, status: 'UNAVAILABLE' } });
    expect(frames.some(({ candidates }) => candidates?.[0]?.finishReason)).toBe(false);
  });

  it.each(['goog', 'sim'])('failures of %s keep their kind', async (provider) => {
    const headers = { 'x-sluice-max-retries': '0' };
    const ask = (fault: string) =>
      post(`${provider}%2Fsimulated-chat%3F${encodeURIComponent(fault)}:generateContent`, undefined, headers);
    const limited = await ask('fault=status&code=429');
    expect(limited.status).toBe(429);
    expect(await limited.json()).toMatchObject({ error: { code: 429, status: 'RESOURCE_EXHAUSTED' } });
    expect((await ask('fault=status&code=503')).status).toBe(503);
  });

  it('the Decision comes as an event with a name, before the end', async () => {
    const answer = await post('sim/simulated-chat:streamGenerateContent?alt=sse', undefined, {
      'x-sluice-decision': 'true',
    });
    expect(await answer.text()).toMatch(/event: sluice\.decision\ndata: \{"sluice":/);
  });

  it('lists models to the SDK', async () => {
    const names = [];
    for await (const { name } of await clientOf(TEST_KEY).models.list()) names.push(name);
    expect(names).toContain('models/sim/simulated-chat');
    expect(await clientOf(TEST_KEY).models.get({ model: 'sim/x' })).toMatchObject({ name: 'models/sim/x' });
  });

  it.each(['v1', 'v1beta'])('lists models below %s, and describes one whose name has slashes', async (version) => {
    const get = async (path: string) =>
      (await fetch(`${gateway.url}/${version}/models${path}`, { headers: { 'x-goog-api-key': TEST_KEY } })).json();
    expect(await get('')).toMatchObject({
      models: expect.arrayContaining([expect.objectContaining({ name: 'models/sim/simulated-chat' })]),
    });
    expect(await get('/sim/some/deep/name')).toMatchObject({
      name: 'models/sim/some/deep/name',
      supportedGenerationMethods: expect.arrayContaining(['generateContent']),
    });
    expect(await get('/nobody')).toMatchObject({ error: { status: 'NOT_FOUND' } });
  });
});
