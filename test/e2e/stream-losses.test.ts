import OpenAI from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

// A streamed answer's losses are known when its headers have gone: a comment tells them to those who read along.

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await openGateway({
    providers: (url) =>
      `  - {name: claude, dialect: anthropic-messages, base_url: "${url}/v1", allow_private_address: true}\n`,
  });
});
afterAll(() => gateway.close());

// Which stop text ended the answer is something that Anthropic's format says and others do not.
const ask = {
  model: 'claude/simulated-chat',
  messages: [{ role: 'user' as const, content: 'one two three' }],
  max_tokens: 99,
  stop: ['two'],
};

const stream = async (path: string, body: object, headers: Record<string, string> = {}) => {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return response.text();
};

const COMMENT = ': x-sluice-warnings: DROPPED choices[0].stop_sequence\n\n';

it('a comment before the end tells what the answer lost, once', async () => {
  const text = await stream('/v1/chat/completions', { ...ask, stream: true });
  expect(text.split(COMMENT)).toHaveLength(2);
  expect(text.indexOf(COMMENT)).toBeLessThan(text.indexOf('"finish_reason":"stop"'));
});

it('nothing is said where nothing was lost, or where the caller gets the Decision', async () => {
  const { stop, ...whole } = ask;
  expect(await stream('/v1/chat/completions', { ...whole, stream: true })).not.toContain('x-sluice-warnings');
  const own = { ...whole, stop_sequences: stop, stream: true };
  expect(await stream('/v1/messages', own)).not.toContain('x-sluice-warnings');
  const told = await stream('/v1/chat/completions', { ...ask, stream: true }, { 'x-sluice-decision': 'true' });
  expect(told).not.toContain('x-sluice-warnings');
  expect(told).toContain('choices[0].stop_sequence');
});

it("Google's Python SDK would read a comment as a chunk: every line of its streams holds data, or nothing", async () => {
  const body = {
    contents: [{ role: 'user', parts: [{ text: 'one two three' }] }],
    generationConfig: { stopSequences: ['two'], maxOutputTokens: 99 },
  };
  const text = await stream('/v1beta/models/claude/simulated-chat:streamGenerateContent?alt=sse', body);
  expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('data: '))).toEqual([]);
});

it('the official SDK passes over the comment', async () => {
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TEST_KEY });
  const endings = [];
  for await (const { choices } of await client.chat.completions.create({ ...ask, stream: true })) {
    endings.push(...choices.flatMap(({ finish_reason }) => finish_reason ?? []));
  }
  expect(endings).toEqual(['stop']);
});
