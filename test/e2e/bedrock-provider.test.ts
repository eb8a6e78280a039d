import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIMULATED_AWS_KEYS } from '../../server/simulator/aws-signature.ts';
import { startConfiguredGateway } from '../support/configured-gateway.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { sse } from '../support/sse.ts';
import { startTestSimulator } from '../support/test-simulator.ts';
import { weatherSchema, weatherTool } from '../support/weather.ts';

let gateway: TestGateway;
let client: OpenAI;
const model = 'bedrock/simulated-chat';
const messages = [
  { role: 'system' as const, content: 'Be kind.' },
  { role: 'user' as const, content: 'Hello' },
];

beforeAll(async () => {
  gateway = await openGateway({
    providers: (url) =>
      `  - {name: bedrock, dialect: bedrock-converse, base_url: "${url}", allow_private_address: true, auth_scheme: NONE}\n`,
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TEST_KEY, maxRetries: 0 });
});
afterAll(() => gateway.close());

/** The body and status of a call by plain HTTP, with retries as the route has them. */
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

describe("OpenAI's SDK, answered by a provider that speaks Bedrock's Converse API", () => {
  it('gets answers whole and streamed, with usage, and nothing is lost', async () => {
    const { data, response } = await client.chat.completions.create({ model, messages }).withResponse();
    expect(data.choices[0]?.message.content).toContain('Hello');
    expect(data.choices[0]?.finish_reason).toBe('stop');
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-sluice-warnings')).toBeNull();
    const chunks = [];
    const streamed = { model, messages, stream: true as const, stream_options: { include_usage: true } };
    for await (const chunk of await client.chat.completions.create(streamed)) chunks.push(chunk);
    const said = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(said).toBe(data.choices[0]?.message.content);
    expect(chunks.at(-1)?.usage).toEqual(data.usage);
  });

  it("gets the call's id and the model asked for, which Bedrock leaves out: SDKs drop the usage of nameless chunks", async () => {
    const whole = await client.chat.completions.create({ model, messages });
    const request = { model, messages, stream_options: { include_usage: true } };
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    for (const answer of [whole, streamed]) {
      expect(answer).toMatchObject({ id: expect.stringMatching(/^req_/), model: 'simulated-chat' });
    }
    expect(streamed.usage).toEqual(whole.usage);
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
    const result = { role: 'tool' as const, tool_call_id: call.id, content: 'Sunny' };
    const again = await client.chat.completions.create({
      model,
      messages: [...messages, whole.choices[0].message, result],
    });
    expect(again.choices[0]?.finish_reason).toBe('stop');
  });

  it('gets structured output as text, whole and streamed, and is told how', async () => {
    const json_schema = { name: 'weather', schema: { ...weatherSchema }, strict: true };
    const request = { model, messages, response_format: { type: 'json_schema' as const, json_schema } };
    const { data: whole, response } = await client.chat.completions.create(request).withResponse();
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    for (const { choices } of [whole, streamed]) {
      expect(JSON.parse(choices[0]?.message.content ?? '')).toHaveProperty('city');
      expect(choices[0]?.finish_reason).toBe('stop');
      expect(choices[0]?.message.tool_calls ?? []).toEqual([]);
    }
    expect(response.headers.get('x-sluice-warnings')).toBe('EMULATED generation.response_format.json_schema');
  });

  it('calls a tool of its own that is named as the one for JSON', async () => {
    const tool = { type: 'function' as const, function: { name: 'json', parameters: { ...weatherSchema } } };
    const answer = await client.chat.completions.create({ model, messages, tools: [tool], tool_choice: 'required' });
    const [call] = answer.choices[0]?.message.tool_calls ?? [];
    expect(call).toMatchObject({ type: 'function', function: { name: 'json' } });
  });

  it('is given thoughts', async () => {
    const answer = await client.chat.completions.create({ model: 'bedrock/simulated-reasoning', messages });
    expect(answer.choices[0]?.message).toHaveProperty('reasoning_content');
    expect(answer.choices[0]?.message.content).toContain('Hello');
  });
});

describe('a provider of that format that fails', () => {
  const at = (fault: string): string => `${model}?fault=${fault}`;

  it.each([
    ['status&code=429', 429, 'UPSTREAM_RATE_LIMITED'],
    ['status&code=503', 503, 'UPSTREAM_OVERLOADED'],
    ['status&code=500', 502, 'UPSTREAM_UNAVAILABLE'],
    ['status&code=403', 502, 'UPSTREAM_CREDENTIAL_REJECTED'],
    ['status&code=404', 404, 'MODEL_NOT_FOUND'],
    ['html', 502, 'UPSTREAM_MALFORMED'],
  ])('%s is told of as %i %s, whole and streamed', async (fault, status, reason) => {
    for (const stream of [false, true]) {
      expect(await post({ model: at(fault), stream })).toMatchObject({ status, reason });
    }
  });

  it.each([
    'cut&after=5',
    'cut&after=5&inside=frame',
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

  it('whose bytes come one by one is read all the same', async () => {
    const [split, whole] = [await post({ model: at('split'), stream: true }), await post({ model, stream: true })];
    const said = (text: string) =>
      sse(text)
        .filter((data) => data !== '[DONE]')
        .map((data) => JSON.parse(data).choices[0]?.delta.content ?? '')
        .join('');
    expect(said(split.text)).toBe(said(whole.text));
    expect(said(split.text)).toContain('Hello');
  });
});

describe('the gateway and the provider agree on the bill', () => {
  it('of an answer that read from the cache', async () => {
    gateway.simulator.invoice.clear();
    const answer = await client.chat.completions.create({ model: `${model}?cached-tokens=3`, messages });
    const [billed] = gateway.simulator.invoice.entries();
    expect(answer.usage).toMatchObject({
      prompt_tokens: billed?.inputTokens,
      completion_tokens: billed?.outputTokens,
      prompt_tokens_details: { cached_tokens: 3 },
    });
  });
});

it('signed requests are answered, whatever the model is called', async () => {
  const simulator = await startTestSimulator();
  const { accessKeyId: ID, secretAccessKey: SECRET } = SIMULATED_AWS_KEYS;
  const signed = await startConfiguredGateway({
    providers:
      `  - {name: aws, preset: bedrock, base_url: "${simulator.url}", allow_private_address: true, ` +
      'aws: {region: us-east-1, access_key_id: "env:ID", secret_access_key: "env:SECRET"}}',
    env: { ID, SECRET },
  });
  const arn = 'aws/arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0';
  for (const stream of [false, true]) {
    const response = await signed.post('/v1/chat/completions', { model: arn, messages, stream });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('Hello')]);
  }
});
