import { existsSync, readFileSync } from 'node:fs';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { type Replay, startReplay } from '../support/replay.ts';

const FOLDER = new URL('../../../shared/fixtures/recorded/openai-completion/', import.meta.url);
const hasFixtures = existsSync(FOLDER);
const read = (name: string): string => (hasFixtures ? readFileSync(new URL(name, FOLDER), 'utf8') : '{}');
const whole = read('openai-completion-text.json');
const chunks = read('openai-completion-text.chunks.txt').split('\n').filter(Boolean);

let gateway: TestGateway;
let replay: Replay;
let client: OpenAI;
const prompt = 'Hello';

beforeAll(async () => {
  const events = [...chunks, '[DONE]'].map((data) => `data: ${data}\n\n`).join('');
  replay = await startReplay(
    new Map([
      ['whole', whole],
      ['stream', events],
    ]),
  );
  gateway = await openGateway({
    providers: (url) =>
      [
        `  - {name: own, dialect: openai-completions, base_url: "${url}/v1", allow_private_address: true}`,
        `  - {name: recorded, dialect: openai-completions, base_url: "${replay.url}/v1", allow_private_address: true}\n`,
      ].join('\n'),
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TEST_KEY, maxRetries: 0 });
});
afterAll(async () => {
  await gateway.close();
  await replay.close();
});

describe.each(['own', 'sim'])('the official OpenAI SDK for Node and completions of the provider %s', (provider) => {
  const model = `${provider}/simulated-chat`;

  it('gets an answer in one piece', async () => {
    const answer = await client.completions.create({ model, prompt, n: 2 });
    expect(answer.object).toBe('text_completion');
    expect(answer.choices.map(({ index, finish_reason }) => [index, finish_reason])).toEqual([
      [0, 'stop'],
      [1, 'stop'],
    ]);
    expect(answer.choices[0]?.text).toContain('Hello');
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('gets a stream, with usage where it asks', async () => {
    const stream = await client.completions.create({
      model,
      prompt,
      max_tokens: 5,
      stream: true,
      stream_options: { include_usage: true },
    });
    const got = [];
    for await (const chunk of stream) got.push(chunk);
    expect(got.map((chunk) => chunk.choices[0]?.text ?? '').join('')).not.toBe('');
    expect(got.at(-2)?.choices[0]?.finish_reason).toBe('length');
    expect(got.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 5 } });
    const plain = [];
    for await (const chunk of await client.completions.create({ model, prompt, stream: true })) plain.push(chunk);
    expect(plain.some((chunk) => 'usage' in chunk)).toBe(false);
  });

  it('throws its own error classes, also when a stream breaks', async () => {
    const ask = (name: string) => client.completions.create({ model: name, prompt });
    await expect(ask(`${model}?fault=status&code=429`)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(client.completions.create({ model, prompt: [] })).rejects.toMatchObject({
      status: 400,
      param: 'prompt',
    });
    const stream = await client.completions.create({ model: `${model}?fault=cut&after=5`, prompt, stream: true });
    const reasons: unknown[] = [];
    const read = async () => {
      for await (const chunk of stream) reasons.push(chunk.choices[0]?.finish_reason ?? null);
    };
    await expect(read()).rejects.toMatchObject({ code: 'stream_interrupted' });
    expect(reasons.every((reason) => reason === null)).toBe(true);
  });
});

describe('completions', () => {
  it.skipIf(!hasFixtures)('recorded ones come out as they went in', async () => {
    expect(await client.completions.create({ model: 'recorded/whole', prompt })).toMatchObject(JSON.parse(whole));
    const options = { include_usage: true };
    const stream = await client.completions.create({
      model: 'recorded/stream',
      prompt,
      stream: true,
      stream_options: options,
    });
    const got = [];
    for await (const chunk of stream) got.push(chunk);
    expect(got).toEqual(chunks.map((chunk) => JSON.parse(chunk)));
  });

  it('of several prompts, tokens or towards a suffix go on as they are, and only to their own format', async () => {
    const asked = { prompt: [[1, 2], [3]], suffix: 'end', echo: true, best_of: 2, logprobs: 1 };
    await client.completions.create({ ...asked, model: 'recorded/whole' });
    expect(replay.requests.at(-1)).toEqual({ path: '/v1/completions', body: { ...asked, model: 'whole' } });
    await expect(client.completions.create({ ...asked, model: 'sim/simulated-chat' })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'prompt',
    });
  });

  it('are a chat to callers of that API', async () => {
    const answer = await client.chat.completions.create({
      model: 'own/simulated-chat',
      messages: [{ role: 'user', content: prompt }],
    });
    expect(answer.choices[0]?.message.content).toContain('Hello');
  });
});
