import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { connect, eventsOf, fetchRaw, framesOf, parseAnswer } from './raw-client.ts';
import { calling, chat, createJumpingClock, simulate, streamed, WEATHER_TOOL } from './requests.ts';

function postJson(url: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`${url}${path}`, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

const VARIANTS: readonly (readonly [string, object])[] = [
  ['words', {}],
  ['thoughts', { model: 'simulated-reasoning' }],
  ['a tool call', calling()],
  [
    'a schema',
    { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: WEATHER_TOOL.function.parameters } } },
  ],
  ['several choices', { n: 3 }],
  ['log probabilities', { logprobs: true, top_logprobs: 2 }],
  ['a limit', { max_completion_tokens: 4 }],
];

describe('the same request', () => {
  test.each(VARIANTS)('has the same bytes, apart from ids and times: %s', async (_, more) => {
    for (const body of [chat(more), streamed(more)]) {
      const [first, second] = [await simulate(), await simulate()];
      const texts = [first, second, second].map(async ({ url }) => (await fetchRaw(url, { body })).body.toString());
      const bare = (await Promise.all(texts)).map((text) =>
        text.replaceAll(/"id":"chatcmpl-[^"]*"/g, '').replaceAll(/"created":\d+/g, ''),
      );
      expect(new Set(bare).size).toBe(1);
    }
  });

  test('has the same bytes altogether at the same time and place in the order', async () => {
    const answers = [0, 1].map(async () => {
      const { url } = await simulate({ clock: createJumpingClock() });
      return (await fetchRaw(url, { body: streamed() })).body.toString();
    });
    const [first, second] = await Promise.all(answers);
    expect(first).toBe(second);
  });

  test('is answered in other words with another seed', async () => {
    const words = [1, 2, 3, 4, 5].map(async (seed) => {
      const { url } = await simulate({ seed });
      return JSON.parse((await fetchRaw(url, { body: chat() })).body.toString()).choices[0].message.content;
    });
    expect(new Set(await Promise.all(words)).size).toBeGreaterThan(1);
  });
});

describe("answers keep to OpenAI's schema", () => {
  const ajv = openAiSchemas();

  test.each(VARIANTS)('%s', async (_, more) => {
    const { url } = await simulate();
    const whole = JSON.parse((await fetchRaw(url, { body: chat(more) })).body.toString());
    expect(ajv(whole, 'CreateChatCompletionResponse')).toEqual([]);
    for (const event of eventsOf(await fetchRaw(url, { body: streamed(more) }))) {
      expect(ajv(event, 'CreateChatCompletionStreamResponse')).toEqual([]);
    }
  });

  test('vectors, models and errors', async () => {
    const { url } = await simulate();
    const vectors = await postJson(url, '/v1/embeddings', { model: 'simulated-embedding', input: ['a', 'b'] });
    expect(ajv(await vectors.json(), 'CreateEmbeddingResponse')).toEqual([]);
    expect(ajv(await (await fetch(`${url}/v1/models`)).json(), 'ListModelsResponse')).toEqual([]);
    expect(ajv(await (await fetch(`${url}/nothing`)).json(), 'ErrorResponse')).toEqual([]);
  });
});

/** Validates by OpenAI's own description of its API, where it is at hand beside the checkout. */
function openAiSchemas(): (value: unknown, name: string) => unknown {
  const file = new URL('../../../shared/openapi/openai.json', import.meta.url);
  let components: object;
  try {
    ({ components } = JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return () => [];
  }
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'openai', components: withNullable(components) });
  return (value, name) => {
    const validate = ajv.getSchema(`openai#/components/schemas/${name}`);
    return validate?.(value) === true ? [] : (validate?.errors ?? `no schema ${name}`);
  };
}

/** OpenAPI 3.0 writes "or null" as nullable, which JSON Schema does not know. */
function withNullable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withNullable);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, withNullable(value)]);
  const { nullable, ...rest } = Object.fromEntries(entries);
  return nullable === true
    ? { anyOf: [rest, { type: 'null' }] }
    : { ...rest, ...(nullable !== undefined && { nullable }) };
}

describe('streams', () => {
  test('end with the usage and [DONE], and add up to the answer in one piece', async () => {
    const { url } = await simulate();
    const whole = JSON.parse((await fetchRaw(url, { body: chat() })).body.toString());
    const stream = await fetchRaw(url, { body: streamed() });
    const events = eventsOf(stream);
    expect(framesOf(stream).at(-1)).toBe('[DONE]');
    expect(events.at(-1)?.usage).toEqual(whole.usage);
    expect(events.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(
      whole.choices[0].message.content,
    );
    expect(stream.complete).toBe(true);
  });

  test('say nothing of usage unless asked', async () => {
    const { url } = await simulate();
    const events = eventsOf(await fetchRaw(url, { body: chat({ stream: true }) }));
    expect(events.filter(({ usage }) => usage !== undefined && usage !== null)).toEqual([]);
  });

  test('of several choices take turns', async () => {
    const { url } = await simulate();
    const events = eventsOf(await fetchRaw(url, { body: streamed({ n: 2 }) }));
    const order = events.filter(({ choices }) => choices[0]?.delta.content).map(({ choices }) => choices[0]?.index);
    expect(order.slice(0, 4)).toEqual([0, 1, 0, 1]);
  });
});

describe('time', () => {
  test('passes until the first token and between tokens', async () => {
    const clock = createJumpingClock();
    const { url } = await simulate({ clock, latencyMs: 300, tokensPerSecond: 10 });
    await fetchRaw(url, { body: streamed({ model: 'm?output-tokens=3' }) });
    expect(clock.waits).toEqual([300, 100, 100, 100]);
  });

  test('of an answer in one piece is the same altogether', async () => {
    const clock = createJumpingClock();
    const { url } = await simulate({ clock, latencyMs: 300, tokensPerSecond: 10 });
    await fetchRaw(url, { body: chat({ model: 'm?output-tokens=3' }) });
    expect(clock.waits).toEqual([300, 300]);
  });

  test('can be set by a request', async () => {
    const clock = createJumpingClock();
    const { url } = await simulate({ clock, latencyMs: 300 });
    const headers = { 'x-sim-latency-ms': '7', 'x-sim-tokens-per-second': '1000', 'x-sim-output-tokens': '2' };
    await fetchRaw(url, { body: streamed(), headers });
    expect(clock.waits).toEqual([7, 1, 1]);
  });
});

describe('requests that cannot be answered', () => {
  test.each([
    ['no JSON', '{', 400],
    ['no object', '[]', 400],
    ['no messages', { model: 'simulated-chat' }, 400],
    ['no model', { messages: [{ role: 'user', content: 'Hi' }] }, 400],
    ['an unknown fault', chat({ model: 'm?fault=none-such' }), 400],
    ['a fault with a wrong status', chat({ model: 'm?fault=status=200' }), 400],
  ])("are refused in OpenAI's envelope: %s", async (_, body, status) => {
    const { url } = await simulate();
    const answer = await postJson(url, '/v1/chat/completions', body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.any(String) },
    });
  });

  test('of unknown paths are answered with 404', async () => {
    const { url } = await simulate();
    expect((await postJson(url, '/v1/none', {})).status).toBe(404);
    expect((await fetch(`${url}/v1/chat/completions`)).status).toBe(404);
  });

  test('are not on the invoice', async () => {
    const { url, invoice } = await simulate();
    await postJson(url, '/v1/chat/completions', '{');
    expect(invoice.entries()).toEqual([]);
  });
});

test('the name of the model in the answer has no query', async () => {
  const { url } = await simulate();
  const answer = await postJson(url, '/v1/chat/completions', chat({ model: 'any/model:1?latency=0' }));
  expect(await answer.json()).toMatchObject({ model: 'any/model:1' });
});

test('one connection serves request after request', async () => {
  const { url, stats } = await simulate();
  const connection = await connect(url);
  for (let i = 1; i <= 3; i++) {
    connection.send({ body: chat(), keepAlive: true });
    await connection.until(
      (bytes) => bytes.toString().split('"usage"').length === i + 1 && parseAnswer(bytes).status === 200,
    );
  }
  expect(stats()).toMatchObject({ acceptedSockets: 1, requests: 3 });
  connection.destroy();
});

describe("OpenAI's own client", () => {
  test('understands answers, streams, tool calls, vectors and models', async () => {
    const { url } = await simulate();
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'get weather please' }];
    const answer = await client.chat.completions.create({ model: 'simulated-chat', messages });
    expect(answer.choices[0]?.message.content).toMatch(/simulat/);
    const stream = await client.chat.completions.create({ model: 'simulated-chat', messages, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(answer.choices[0]?.message.content);
    const call = await client.chat.completions.create({
      model: 'simulated-chat',
      messages,
      tools: [WEATHER_TOOL] as never,
    });
    const toolCall = call.choices[0]?.message.tool_calls?.[0];
    expect(toolCall).toMatchObject({ type: 'function', function: { name: 'get_weather' } });
    const vectors = await client.embeddings.create({ model: 'simulated-embedding', input: 'Hello', dimensions: 8 });
    expect(vectors.data[0]?.embedding).toHaveLength(8);
    expect((await client.models.list()).data.map(({ id }) => id)).toContain('simulated-chat');
  });
});
