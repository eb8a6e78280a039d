import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { weatherSchema, weatherTool } from '../support/weather.ts';

let gateway: TestGateway;
let client: OpenAI;
const model = 'sim/simulated-chat';
const messages = [{ role: 'user' as const, content: 'Hello' }];

beforeAll(async () => {
  gateway = await openGateway();
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TEST_KEY, maxRetries: 0 });
});
afterAll(() => gateway.close());

describe('the official OpenAI SDK for Node, unmodified', () => {
  it('gets an answer in one piece', async () => {
    const answer = await client.chat.completions.create({ model, messages });
    expect(answer.choices[0]?.message.content).toContain('Hello');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('gets a stream, without usage unless it asks', async () => {
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({ model, messages, stream: true }))
      chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toContain('Hello');
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
  });

  it('gets usage at the end of a stream when it asks', async () => {
    const stream = await client.chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
  });

  it('calls tools and goes on with their results', async () => {
    const first = await client.chat.completions.create({
      model,
      messages,
      tools: [weatherTool],
      tool_choice: 'required',
    });
    const call = first.choices[0]?.message.tool_calls?.[0];
    expect(call).toMatchObject({ type: 'function', function: { name: 'weather' } });
    if (call?.type !== 'function' || first.choices[0] === undefined) throw new Error('no call');
    expect(JSON.parse(call.function.arguments)).toHaveProperty('city');
    const second = await client.chat.completions.create({
      model,
      messages: [...messages, first.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'Sunny' }],
    });
    expect(second.choices[0]?.finish_reason).toBe('stop');
  });

  it('collects a streamed tool call with its stream helper', async () => {
    const runner = client.chat.completions.stream({ model, messages, tools: [weatherTool], tool_choice: 'required' });
    const final = await runner.finalChatCompletion();
    const call = final.choices[0]?.message.tool_calls?.[0];
    expect(call?.type === 'function' ? JSON.parse(call.function.arguments) : {}).toHaveProperty('city');
  });

  it('parses output by a schema', async () => {
    const answer = await client.chat.completions.parse({
      model,
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'weather', schema: weatherSchema, strict: true } },
    });
    expect(answer.choices[0]?.message.parsed).toHaveProperty('city');
  });

  it('gets vectors, asked for as floats or as the SDK asks by itself', async () => {
    const input = ['one', 'two'];
    const plain = await client.embeddings.create({ model: 'sim/simulated-embedding', input, encoding_format: 'float' });
    const usual = await client.embeddings.create({ model: 'sim/simulated-embedding', input });
    expect(plain.data).toHaveLength(2);
    const first = plain.data[0]?.embedding ?? [];
    expect(first.length).toBeGreaterThan(0);
    expect(usual.data[0]?.embedding).toHaveLength(first.length);
    for (const [index, value] of first.entries()) expect(usual.data[0]?.embedding[index]).toBeCloseTo(value, 5);
  });

  it('lists models, and gets one whose name has slashes', async () => {
    const ids = [];
    for await (const each of client.models.list()) ids.push(each.id);
    expect(ids).toContain(model);
    expect(await client.models.retrieve('sim/some/deep/name')).toMatchObject({
      id: 'sim/some/deep/name',
      owned_by: 'sim',
    });
  });

  it('throws its own error classes', async () => {
    const ask = (name: string, key = TEST_KEY) =>
      new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 }).chat.completions.create({
        model: name,
        messages,
      });
    await expect(ask(model, 'wrong')).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(ask('nobody/knows')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(ask(`${model}?fault=status&code=429`)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(ask(`${model}?fault=status&code=500`)).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    const bad = client.chat.completions.create({ model, messages: [{ role: 'wizard' as 'user', content: 'x' }] });
    await expect(bad).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(bad).rejects.toMatchObject({ param: 'messages[0].role', type: 'invalid_request_error' });
  });

  it('throws when a stream breaks, and has no made-up ending', async () => {
    const stream = await client.chat.completions.create({
      model: `${model}?fault=cut&after=5`,
      messages,
      stream: true,
    });
    const reasons: unknown[] = [];
    const read = async () => {
      for await (const chunk of stream) reasons.push(chunk.choices[0]?.finish_reason ?? null);
    };
    await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError);
    expect(reasons.length).toBeGreaterThan(0);
    expect(reasons.every((reason) => reason === null)).toBe(true);
  });

  it('obeys x-should-retry: what waiting cannot mend is asked for once', async () => {
    const eager = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TEST_KEY, maxRetries: 3 });
    const before = gateway.ledger.settled.length;
    await expect(
      eager.chat.completions.create({ model: `${model}?fault=status&code=401`, messages }),
    ).rejects.toBeInstanceOf(OpenAI.APIError);
    expect(gateway.ledger.settled.length - before).toBe(1);
  });

  it('shows raw headers: request id, provider, attempts', async () => {
    const { response, request_id } = await client.chat.completions.create({ model, messages }).withResponse();
    expect(request_id).toMatch(/^req_/);
    expect(response.headers.get('x-sluice-provider')).toBe('sim');
    expect(response.headers.get('x-sluice-attempts')).toBe('1');
    expect(response.headers.get('x-sluice-revision')).toMatch(/^[0-9a-f]{16}$/);
  });

  it('aborts: the call ends and its record says so', async () => {
    const stream = await client.chat.completions.create({
      model: `${model}?output-tokens=5000&tokens-per-second=100`,
      messages,
      stream: true,
    });
    for await (const _chunk of stream) break;
    await gateway.liveCalls.idle();
    expect(gateway.ledger.settled.at(-1)?.outcome).toEqual({ kind: 'failure', reason: 'CANCELED' });
  });
});
