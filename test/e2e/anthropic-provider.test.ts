import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { weatherSchema, weatherTool } from '../support/weather.ts';

let gateway: TestGateway;
let client: OpenAI;
const model = 'claude/simulated-chat';
const messages = [
  { role: 'system' as const, content: 'Be kind.' },
  { role: 'user' as const, content: 'Hello' },
];

beforeAll(async () => {
  gateway = await openGateway({
    providers: (url) =>
      `  - {name: claude, dialect: anthropic-messages, base_url: "${url}/v1", allow_private_address: true}\n`,
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TEST_KEY, maxRetries: 0 });
});
afterAll(() => gateway.close());

describe("OpenAI's SDK, answered by a provider that speaks Anthropic's format", () => {
  it('gets answers whole and streamed, with usage, and is told what was made up', async () => {
    const { data, response } = await client.chat.completions.create({ model, messages }).withResponse();
    expect(data.choices[0]?.message.content).toContain('Hello');
    expect(data.choices[0]?.finish_reason).toBe('stop');
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-sluice-warnings')).toBe('EMULATED generation.max_output_tokens');
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
    expect(JSON.parse(call.function.arguments)).toHaveProperty('city');
    expect(JSON.parse(same.function.arguments)).toEqual(JSON.parse(call.function.arguments));
    const result = { role: 'tool' as const, tool_call_id: call.id, content: 'Sunny' };
    const again = await client.chat.completions.create({
      model,
      messages: [...messages, whole.choices[0].message, result],
    });
    expect(again.choices[0]?.finish_reason).toBe('stop');
  });

  it('calls tools by the names that it gave them, which the provider would refuse', async () => {
    const { name: _, ...about } = weatherTool.function;
    const tool = { type: 'function' as const, function: { ...about, name: 'wetter.für-morgen' } };
    const request = { model, messages, tools: [tool], tool_choice: 'required' as const };
    const { data: whole, response } = await client.chat.completions.create(request).withResponse();
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    for (const { choices } of [whole, streamed]) {
      const [call] = choices[0]?.message.tool_calls ?? [];
      expect(call?.type === 'function' && call.function.name).toBe('wetter.für-morgen');
    }
    expect(response.headers.get('x-sluice-warnings')).toContain('EMULATED generation.tools[0].function.name');
  });

  it.each([
    ['held to the schema', model],
    ['as the input of a tool, where the model cannot be held to one', 'claude/claude-3-5-haiku-latest'],
  ])('gets structured output, %s', async (_, name) => {
    const request = {
      model: name,
      messages,
      response_format: {
        type: 'json_schema' as const,
        json_schema: { name: 'weather', schema: { ...weatherSchema }, strict: true },
      },
    };
    const whole = await client.chat.completions.create(request);
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    for (const { choices } of [whole, streamed]) {
      expect(JSON.parse(choices[0]?.message.content ?? '')).toHaveProperty('city');
      expect(choices[0]?.finish_reason).toBe('stop');
      expect(choices[0]?.message.tool_calls ?? []).toEqual([]);
    }
  });

  it('is refused where it is strict and something would be lost', async () => {
    const strict = { headers: { 'x-sluice-strict': 'true' } };
    const lossy = client.chat.completions.create({ model, messages, max_tokens: 5, seed: 1 }, strict);
    await expect(lossy).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter', param: 'generation.seed' });
    await expect(client.chat.completions.create({ model, messages, max_tokens: 5 }, strict)).resolves.toBeDefined();
  });
});
