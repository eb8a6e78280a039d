import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { weatherSchema } from '../support/weather.ts';

let gateway: TestGateway;
let client: Anthropic;
const messages = [{ role: 'user' as const, content: 'Hello' }];
const max_tokens = 200;
const tool = {
  name: 'weather',
  description: 'The weather of a city.',
  input_schema: { ...weatherSchema, required: [...weatherSchema.required] },
};

/** The same simulated provider, spoken to in its own format and in another. */
const MODELS = ['claude/simulated-chat', 'sim/simulated-chat'] as const;

beforeAll(async () => {
  gateway = await openGateway({
    providers: (url) =>
      `  - {name: claude, dialect: anthropic-messages, base_url: "${url}/v1", allow_private_address: true}\n`,
  });
  client = new Anthropic({ baseURL: gateway.url, apiKey: TEST_KEY, maxRetries: 0 });
});
afterAll(() => gateway.close());

describe.each(MODELS)('the official Anthropic SDK for Node, unmodified, with the model %s', (model) => {
  it('gets an answer in one piece', async () => {
    const answer = await client.messages.create({ model, messages, max_tokens });
    expect(answer).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
    expect(answer.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('Hello') });
    expect(answer.usage.input_tokens).toBeGreaterThan(0);
    expect(answer.usage.output_tokens).toBeGreaterThan(0);
  });

  it('gets a plain stream of events', async () => {
    const types: string[] = [];
    let text = '';
    for await (const event of await client.messages.create({ model, messages, max_tokens, stream: true })) {
      types.push(event.type);
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
    }
    expect(text).toContain('Hello');
    expect(types[0]).toBe('message_start');
    expect(types.slice(-2)).toEqual(['message_delta', 'message_stop']);
  });

  it('collects with the stream helper', async () => {
    const stream = client.messages.stream({ model, messages, max_tokens, system: 'Be kind.' });
    const pieces: string[] = [];
    stream.on('text', (piece) => pieces.push(piece));
    const final = await stream.finalMessage();
    expect(await stream.finalText()).toBe(pieces.join(''));
    expect(final.stop_reason).toBe('end_turn');
    expect(final.usage.input_tokens).toBeGreaterThan(0);
    expect(final.usage.output_tokens).toBeGreaterThan(1);
  });

  it('calls tools, streamed and whole, and goes on with their results', async () => {
    const request = { model, messages, max_tokens, tools: [tool], tool_choice: { type: 'any' as const } };
    const whole = await client.messages.create(request);
    const streamed = await client.messages.stream(request).finalMessage();
    expect(whole.stop_reason).toBe('tool_use');
    expect(streamed.stop_reason).toBe('tool_use');
    const call = whole.content[0];
    const same = streamed.content[0];
    if (call?.type !== 'tool_use' || same?.type !== 'tool_use') throw new Error('no call');
    expect(call).toMatchObject({ name: 'weather', input: { city: expect.any(String), days: expect.any(Number) } });
    expect(same.input).toEqual(call.input);
    const again = await client.messages.create({
      model,
      max_tokens,
      tools: [tool],
      messages: [
        ...messages,
        { role: 'assistant', content: [{ type: 'tool_use', id: call.id, name: call.name, input: call.input }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'Sunny' }] },
      ],
    });
    expect(again.stop_reason).toBe('end_turn');
  });

  it('gets several calls at once, one block after the other', async () => {
    const tools = [tool, { ...tool, name: 'tides' }];
    const asked = [{ role: 'user' as const, content: 'Ask weather and tides.' }];
    const final = await client.messages.stream({ model, max_tokens, tools, messages: asked }).finalMessage();
    expect(final.content.map((block) => (block.type === 'tool_use' ? block.name : ''))).toEqual(['weather', 'tides']);
    const one = { type: 'auto' as const, disable_parallel_tool_use: true };
    const single = await client.messages.create({ model, max_tokens, tools, tool_choice: one, messages: asked });
    expect(single.content.filter(({ type }) => type === 'tool_use')).toHaveLength(1);
  });

  it('gets thoughts before the words', async () => {
    const thinking = { type: 'enabled' as const, budget_tokens: 1024 };
    const request = { model: model.replace('-chat', '-reasoning'), messages, max_tokens: 4000, thinking };
    const whole = await client.messages.create(request);
    expect(whole.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
    const stream = client.messages.stream(request);
    let thoughts = '';
    stream.on('thinking', (piece) => {
      thoughts += piece;
    });
    const final = await stream.finalMessage();
    expect(final.content[0]).toMatchObject({ type: 'thinking', thinking: thoughts });
    expect(thoughts).not.toBe('');
  });

  it('parses structured output', async () => {
    const answer = await client.messages.create({
      model,
      messages,
      max_tokens,
      output_config: { format: { type: 'json_schema', schema: { ...weatherSchema } } },
    });
    const [block] = answer.content;
    expect(JSON.parse(block?.type === 'text' ? block.text : '')).toHaveProperty('city');
  });

  it('counts tokens', async () => {
    const { input_tokens } = await client.messages.countTokens({ model, messages, tools: [tool] });
    expect(input_tokens).toBeGreaterThan(5);
  });

  it('throws its own error classes', async () => {
    const ask = (name: string, apiKey = TEST_KEY) =>
      new Anthropic({ baseURL: gateway.url, apiKey, maxRetries: 0 }).messages.create({
        model: name,
        messages,
        max_tokens,
      });
    await expect(ask(model, 'wrong')).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    await expect(ask(model, 'wrong')).rejects.toMatchObject({
      type: 'authentication_error',
      requestID: expect.stringMatching(/^req_/),
    });
    await expect(ask('nobody/knows')).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    await expect(ask(`${model}?fault=status&code=429`)).rejects.toBeInstanceOf(Anthropic.RateLimitError);
    await expect(ask(`${model}?fault=status&code=500`)).rejects.toBeInstanceOf(Anthropic.InternalServerError);
    await expect(ask(`${model}?fault=status&code=529`)).rejects.toMatchObject({ type: 'overloaded_error' });
    const bad = client.messages.create({ model, max_tokens, messages: [{ role: 'wizard' as 'user', content: 'x' }] });
    await expect(bad).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    await expect(bad).rejects.toMatchObject({
      type: 'invalid_request_error',
      apiMessage: expect.stringContaining('messages[0].role'),
    });
  });

  it('throws when a stream breaks, and has no made-up ending', async () => {
    const broken = await client.messages.create({
      model: `${model}?fault=cut&after=5`,
      messages,
      max_tokens,
      stream: true,
    });
    const types: string[] = [];
    const read = async () => {
      for await (const event of broken) types.push(event.type);
    };
    await expect(read()).rejects.toBeInstanceOf(Anthropic.APIError);
    expect(types).toContain('content_block_delta');
    expect(types).not.toContain('message_delta');
    expect(types).not.toContain('message_stop');
    const collected = client.messages.stream({ model: `${model}?fault=cut&after=5`, messages, max_tokens });
    await expect(collected.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIError);
  });

  it('passes over the Decision within a stream', async () => {
    const options = { headers: { 'x-sluice-decision': 'true' } };
    const final = await client.messages.stream({ model, messages, max_tokens }, options).finalMessage();
    expect(final.stop_reason).toBe('end_turn');
    const raw: { type: string }[] = [];
    for await (const event of await client.messages.create({ model, messages, max_tokens, stream: true }, options))
      raw.push(event);
    expect(raw.find(({ type }) => type === 'sluice.decision')).toMatchObject({
      sluice: { requestId: expect.any(String) },
    });
    expect(raw.at(-1)?.type).toBe('message_stop');
  });

  it('shows the request id and raw headers', async () => {
    const { response, request_id } = await client.messages.create({ model, messages, max_tokens }).withResponse();
    expect(request_id).toMatch(/^req_/);
    expect(response.headers.get('x-sluice-provider')).toBe(model.split('/')[0]);
    const stream = client.messages.stream({ model, messages, max_tokens });
    await stream.done();
    expect(stream.request_id).toMatch(/^req_/);
  });

  it('aborts: the call ends and its record says so', async () => {
    const stream = client.messages.stream({
      model: `${model}?output-tokens=5000&tokens-per-second=100`,
      messages,
      max_tokens: 9000,
    });
    await stream.emitted('text');
    stream.abort();
    await expect(stream.done()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    await gateway.liveCalls.idle();
    expect(gateway.ledger.settled.at(-1)?.outcome).toEqual({ kind: 'failure', reason: 'CANCELED' });
  });
});

describe('the models of the official Anthropic SDK for Node', () => {
  it('are listed, and one is got by a name with slashes', async () => {
    const ids = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toContain('sim/simulated-chat');
    expect(await client.models.retrieve('claude/some/deep/name')).toMatchObject({
      type: 'model',
      id: 'claude/some/deep/name',
    });
    await expect(client.models.retrieve('nobody/knows')).rejects.toMatchObject({ type: 'not_found_error' });
  });
});
