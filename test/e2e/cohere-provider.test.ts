import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { sse } from '../support/sse.ts';
import { weatherSchema, weatherTool } from '../support/weather.ts';

let gateway: TestGateway;
let client: OpenAI;
const model = 'cohere/simulated-chat';
const messages = [
  { role: 'system' as const, content: 'Be kind.' },
  { role: 'user' as const, content: 'Hello' },
];

beforeAll(async () => {
  gateway = await openGateway({
    providers: (url) => `  - {name: cohere, dialect: cohere, base_url: "${url}", allow_private_address: true}\n`,
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TEST_KEY, maxRetries: 0 });
});
afterAll(() => gateway.close());

async function post(body: object): Promise<{ status: number; reason: string | null; text: string }> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${TEST_KEY}`,
      'content-type': 'application/json',
      'x-sluice-max-retries': '0',
    },
    body: JSON.stringify({ messages, ...body }),
  });
  return { status: response.status, reason: response.headers.get('x-sluice-reason'), text: await response.text() };
}

describe("OpenAI's SDK, answered by a provider that speaks Cohere's format", () => {
  it('gets answers whole and streamed, with usage, and nothing is lost', async () => {
    const { data, response } = await client.chat.completions.create({ model, messages }).withResponse();
    expect(data.choices[0]?.message.content).toContain('Hello');
    expect(data.choices[0]?.finish_reason).toBe('stop');
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-sluice-warnings')).toBeNull();
    const stream = client.chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(data.choices[0]?.message.content);
    expect(final.usage).toEqual(data.usage);
  });

  it('calls tools, whole and streamed, and goes on with their results', async () => {
    const request = { model, messages, tools: [weatherTool], tool_choice: 'required' as const };
    const whole = await client.chat.completions.create(request);
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    const [call] = whole.choices[0]?.message.tool_calls ?? [];
    const [same] = streamed.choices[0]?.message.tool_calls ?? [];
    if (call?.type !== 'function' || same?.type !== 'function' || !whole.choices[0]) throw new Error('no call');
    expect([whole.choices[0].finish_reason, streamed.choices[0]?.finish_reason]).toEqual(['tool_calls', 'tool_calls']);
    expect(JSON.parse(call.function.arguments)).toHaveProperty('city');
    expect(JSON.parse(same.function.arguments)).toEqual(JSON.parse(call.function.arguments));
    const result = { role: 'tool' as const, tool_call_id: call.id, content: '{"sun":true}' };
    const again = await client.chat.completions.create({
      model,
      tools: [weatherTool],
      messages: [...messages, whole.choices[0].message, result],
    });
    expect(again.choices[0]?.finish_reason).toBe('stop');
  });

  it('gets structured output and thoughts', async () => {
    const json_schema = { name: 'weather', schema: { ...weatherSchema }, strict: true };
    const response_format = { type: 'json_schema' as const, json_schema };
    const answer = await client.chat.completions.create({ model, messages, response_format });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toHaveProperty('city');
    const thinker = await client.chat.completions.create({ model: 'cohere/simulated-reasoning', messages });
    expect(thinker.choices[0]?.message).toHaveProperty('reasoning_content');
  });

  it('gets log probabilities, whole and streamed', async () => {
    const request = { model, messages, logprobs: true };
    const whole = await client.chat.completions.create(request);
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    const tokens = whole.choices[0]?.logprobs?.content?.map(({ token }) => token);
    expect(tokens?.join('')).toBe(whole.choices[0]?.message.content);
    expect(streamed.choices[0]?.logprobs?.content?.map(({ token }) => token)).toEqual(tokens);
  });

  it('gets vectors, as floats and as base64, and is told what they are taken to be for', async () => {
    const request = { model: 'cohere/simulated-embedding', input: ['a', 'b'], dimensions: 8 };
    const { data: packed, response } = await client.embeddings.create(request).withResponse();
    const plain = await client.embeddings.create({ ...request, encoding_format: 'float' });
    expect(plain.data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
    expect(packed.data[1]?.embedding).toEqual(plain.data[1]?.embedding.map(Math.fround));
    expect(plain.usage.prompt_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-sluice-warnings')).toBe('EMULATED embedding.input_type');
    const tokens = client.embeddings.create({ model: request.model, input: [1, 2] });
    await expect(tokens).rejects.toMatchObject({ status: 400, param: 'embedding.inputs[0]' });
  });
});

describe('a provider of that format that fails', () => {
  const at = (fault: string): string => `${model}?fault=${fault}`;

  it.each([
    ['status&code=429', 429, 'UPSTREAM_RATE_LIMITED'],
    ['status&code=503', 503, 'UPSTREAM_OVERLOADED'],
    ['status&code=500', 502, 'UPSTREAM_UNAVAILABLE'],
    ['status&code=401', 502, 'UPSTREAM_CREDENTIAL_REJECTED'],
    // Nothing in the body says what was not found, as Cohere's own words do.
    ['status&code=404', 400, 'UPSTREAM_REJECTED'],
    ['html', 502, 'UPSTREAM_MALFORMED'],
  ])('%s is told of as %i %s, whole and streamed', async (fault, status, reason) => {
    for (const stream of [false, true]) {
      expect(await post({ model: at(fault), stream })).toMatchObject({ status, reason });
    }
  });

  it.each([
    'cut&after=5',
    'cut&after=5&inside=json',
    'no-terminal',
    'reset&after=5',
    'error-event&after=5&tokens-per-second=100',
  ])('%s after the first words ends the stream with an error, never with [DONE]', async (fault) => {
    const { status, text } = await post({ model: at(fault), stream: true });
    const events = sse(text);
    expect(status).toBe(200);
    expect(JSON.parse(events.at(-1) ?? '')).toHaveProperty('error');
    expect(events).not.toContain('[DONE]');
  });

  it('an error object with status 200 is told of as a failure', async () => {
    expect(await post({ model: at('error-body') })).toMatchObject({ status: 502, reason: 'UPSTREAM_UNAVAILABLE' });
  });

  it('cut before the first words is an error with its status', async () => {
    const { status, reason } = await post({ model: at('cut&after=1'), stream: true });
    expect([status, reason]).toEqual([502, 'UPSTREAM_UNAVAILABLE']);
  });
});
