import { describe, expect, test } from 'vitest';
import { sse } from '../support/sse.ts';
import { startTestSimulator } from '../support/test-simulator.ts';

// biome-ignore lint/suspicious/noExplicitAny: an answer as it came
type Json = any;

async function ask(path: string, body: object): Promise<Response> {
  const simulator = await startTestSimulator();
  const headers = { 'content-type': 'application/json' };
  return fetch(`${simulator.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

const chat = { model: 'simulated-chat', messages: [{ role: 'user', content: 'Hello' }] };

describe('the paths of Cohere', () => {
  test('answer a chat in one piece', async () => {
    const answer: Json = await (await ask('/v2/chat', chat)).json();
    expect(answer).toMatchObject({
      finish_reason: 'COMPLETE',
      usage: { tokens: { input_tokens: expect.any(Number) } },
    });
    expect(answer.message.content[0].text).toContain('Hello');
  });

  test('stream a chat from message-start to message-end', async () => {
    const events = sse(await (await ask('/v2/chat', { ...chat, stream: true })).text()).map((data) => JSON.parse(data));
    expect([...new Set(events.map(({ type }) => type))]).toEqual([
      'message-start',
      'content-start',
      'content-delta',
      'content-end',
      'message-end',
    ]);
  });

  test('embed texts, as floats or base64', async () => {
    const body = { model: 'simulated-embedding', texts: ['a', 'b'], input_type: 'search_query', output_dimension: 4 };
    const floats: Json = await (await ask('/v2/embed', body)).json();
    const packed: Json = await (await ask('/v2/embed', { ...body, embedding_types: ['base64'] })).json();
    expect(floats.embeddings.float.map((vector: number[]) => vector.length)).toEqual([4, 4]);
    expect(Buffer.from(packed.embeddings.base64[0], 'base64').readFloatLE(0)).toBeCloseTo(
      floats.embeddings.float[0][0],
    );
  });

  test('refuse in the words of Cohere', async () => {
    const response = await ask('/v2/chat', { ...chat, messages: [] });
    expect([response.status, await response.json()]).toEqual([400, { message: expect.stringContaining('messages') }]);
  });
});
