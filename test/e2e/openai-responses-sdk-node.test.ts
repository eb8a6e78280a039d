import OpenAI from 'openai';
import type { ResponseInputItem, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { weatherSchema } from '../support/weather.ts';

let gateway: TestGateway;
let client: OpenAI;
const input = 'Hello';
const tool = {
  type: 'function' as const,
  name: 'weather',
  description: 'The weather of a city.',
  parameters: { ...weatherSchema },
  strict: true,
};
const format = { type: 'json_schema' as const, name: 'weather', schema: { ...weatherSchema }, strict: true };

/** The same simulated provider, spoken to in its own format and in others. */
const PROVIDERS = ['own', 'sim', 'claude'] as const;

beforeAll(async () => {
  gateway = await openGateway({
    providers: (url) =>
      [
        `  - {name: own, dialect: openai-responses, base_url: "${url}/v1", allow_private_address: true}`,
        `  - {name: claude, dialect: anthropic-messages, base_url: "${url}/v1", allow_private_address: true}\n`,
      ].join('\n'),
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TEST_KEY, maxRetries: 0 });
});
afterAll(() => gateway.close());

async function collect(stream: AsyncIterable<ResponseStreamEvent>): Promise<ResponseStreamEvent[]> {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

describe.each(PROVIDERS)('the official OpenAI SDK for Node and responses of the provider %s', (provider) => {
  const model = `${provider}/simulated-chat`;

  it('gets an answer in one piece', async () => {
    const response = await client.responses.create({ model, input, instructions: 'Be kind.' });
    expect(response.status).toBe('completed');
    expect(response.output_text).toContain('Hello');
    expect(response.usage?.total_tokens).toBe(
      (response.usage?.input_tokens ?? 0) + (response.usage?.output_tokens ?? 0),
    );
    expect(response.usage?.input_tokens_details.cached_tokens).toBe(0);
  });

  it('gets a stream of numbered events that ends with the whole response', async () => {
    const events = await collect(await client.responses.create({ model, input, stream: true }));
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
    const text = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
    expect(text).toContain('Hello');
    expect([...new Set(events.map(({ type }) => type))]).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const last = events.at(-1);
    if (last?.type !== 'response.completed') throw new Error('not completed');
    expect(last.response.output).toMatchObject([{ type: 'message', content: [{ type: 'output_text', text }] }]);
    expect(last.response.usage?.output_tokens).toBeGreaterThan(0);
  });

  it('collects with the stream helper', async () => {
    const stream = client.responses.stream({ model, input });
    const pieces: string[] = [];
    stream.on('response.output_text.delta', ({ delta }) => pieces.push(delta));
    const final = await stream.finalResponse();
    expect(final.output_text).toBe(pieces.join(''));
    expect(final.status).toBe('completed');
  });

  it('collects with the stream helper when the decision comes along', async () => {
    const stream = client.responses.stream({ model, input }, { headers: { 'x-sluice-decision': 'true' } });
    expect((await stream.finalResponse()).output_text).toContain('Hello');
  });

  it('parses output by a schema, whole and streamed', async () => {
    const parsed = await client.responses.parse({ model, input, text: { format } });
    expect(parsed.output_parsed).toHaveProperty('city');
    const final = await client.responses.stream({ model, input, text: { format } }).finalResponse();
    expect(JSON.parse(final.output_text)).toHaveProperty('city');
  });

  it('calls functions and goes on with their results', async () => {
    const tools = [tool];
    const first = await client.responses.create({ model, input, tools, tool_choice: 'required' });
    const call = first.output.find((item) => item.type === 'function_call');
    if (call === undefined) throw new Error('no call');
    expect(call.name).toBe('weather');
    expect(JSON.parse(call.arguments)).toHaveProperty('city');
    const second = await client.responses.create({
      model,
      tools,
      input: [
        { role: 'user', content: input },
        ...(first.output as ResponseInputItem[]),
        { type: 'function_call_output', call_id: call.call_id, output: 'Sunny' },
      ],
    });
    expect(second.output_text).not.toBe('');
    expect(second.output.some(({ type }) => type === 'function_call')).toBe(false);
  });

  it('collects a streamed function call', async () => {
    const stream = client.responses.stream({ model, input, tools: [tool], tool_choice: 'required' });
    const done: string[] = [];
    for await (const event of stream) {
      if (event.type === 'response.function_call_arguments.done') done.push(event.arguments);
    }
    const final = await stream.finalResponse();
    const call = final.output.find((item) => item.type === 'function_call');
    expect(call?.arguments).toBe(done[0]);
    expect(JSON.parse(done[0] ?? '')).toHaveProperty('city');
  });

  it('gets what is cut short as incomplete', async () => {
    const response = await client.responses.create({ model, input: 'Tell a long story', max_output_tokens: 16 });
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
    const stream = await client.responses.create({ model, input: 'Tell it', max_output_tokens: 16, stream: true });
    expect((await collect(stream)).at(-1)?.type).toBe('response.incomplete');
  });

  it('gets reasoning', async () => {
    const reasoning = await client.responses
      .stream({ model: `${provider}/simulated-reasoning`, input })
      .finalResponse();
    expect(reasoning.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
  });

  it('throws its own error classes', async () => {
    const ask = (name: string) => client.responses.create({ model: name, input });
    await expect(ask('nobody/knows')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(ask(`${model}?fault=status&code=429`)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(ask(`${model}?fault=status&code=500`)).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    const bad = client.responses.create({ model, input: [{ role: 'wizard' as 'user', content: 'x' }] });
    await expect(bad).rejects.toMatchObject({ status: 400, param: 'input[0].role' });
  });

  it('throws when a stream breaks, and has no made-up ending', async () => {
    const stream = await client.responses.create({ model: `${model}?fault=cut&after=8`, input, stream: true });
    const types: string[] = [];
    const read = async () => {
      for await (const { type } of stream) types.push(type);
    };
    await expect(read()).rejects.toMatchObject({ code: 'stream_interrupted' });
    expect(types.length).toBeGreaterThan(3);
    expect(types).not.toContain('response.completed');
    const helper = client.responses.stream({ model: `${model}?fault=cut&after=8`, input });
    await expect(helper.finalResponse()).rejects.toBeInstanceOf(OpenAI.APIError);
  });

  it('aborts: the call ends and its record says so', async () => {
    const stream = await client.responses.create({
      model: `${model}?output-tokens=5000&tokens-per-second=100`,
      input,
      stream: true,
    });
    for await (const event of stream) if (event.type === 'response.output_text.delta') break;
    await gateway.liveCalls.idle();
    expect(gateway.ledger.settled.at(-1)?.outcome).toEqual({ kind: 'failure', reason: 'CANCELED' });
  });
});

describe('what the Responses API has alone', () => {
  it('goes on from a stored response where the provider has it', async () => {
    const response = await client.responses.create({
      model: 'own/simulated-chat',
      input,
      previous_response_id: 'resp_1',
      store: true,
    });
    expect(response.status).toBe('completed');
  });

  it('refuses a previous response where the provider stores none', async () => {
    const asked = { model: 'sim/simulated-chat', input, previous_response_id: 'resp_1' };
    await expect(client.responses.create(asked)).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'previous_response_id',
    });
    const stream = client.responses.stream({ model: 'sim/simulated-chat', input, previous_response_id: 'resp_1' });
    await expect(stream.finalResponse()).rejects.toMatchObject({ param: 'previous_response_id' });
  });

  it('refuses conversations and prompt templates where the provider has none', async () => {
    const model = 'sim/simulated-chat';
    await expect(client.responses.create({ model, input, conversation: 'conv_1' })).rejects.toMatchObject({
      param: 'conversation',
    });
    await expect(client.responses.create({ model, input, prompt: { id: 'pmpt_1' } })).rejects.toMatchObject({
      param: 'prompt',
    });
  });

  it('refuses to answer in the background', async () => {
    const asked = client.responses.create({ model: 'own/simulated-chat', input, background: true });
    await expect(asked).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter', param: 'background' });
  });

  it('has no stored responses to fetch or delete', async () => {
    await expect(client.responses.retrieve('resp_1')).rejects.toMatchObject({ status: 404, code: 'unknown_url' });
    await expect(client.responses.delete('resp_1')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  it('names what another format cannot carry', async () => {
    const { response } = await client.responses
      .create({
        model: 'sim/simulated-chat',
        input,
        truncation: 'auto',
        max_tool_calls: 2,
        include: ['reasoning.encrypted_content'],
      })
      .withResponse();
    expect(response.headers.get('x-sluice-warnings')).toBe(
      'DROPPED include, DROPPED max_tool_calls, DROPPED truncation',
    );
  });
});
