import { describe, expect, test } from 'vitest';
import { decodeAwsEventStream } from '../../server/upstream/aws-event-stream.ts';
import { startTestSimulator } from '../support/test-simulator.ts';

const body = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hello' }] }] });

async function ask(path: string, text = body): Promise<Response> {
  const simulator = await startTestSimulator();
  return fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: text,
  });
}

describe('the paths of Bedrock', () => {
  test('name the model, URL-encoded, and answer in one piece', async () => {
    const response = await ask('/model/arn%3Aaws%3Abedrock%2Fsimulated/converse');
    expect(response.status).toBe(200);
    const content = [{ text: expect.stringContaining('Hello') }];
    expect(await response.json()).toMatchObject({
      stopReason: 'end_turn',
      output: { message: { role: 'assistant', content } },
    });
  });

  test('stream messages of the event stream, from messageStart to metadata', async () => {
    const response = await ask('/model/simulated-chat/converse-stream');
    expect(response.headers.get('content-type')).toBe('application/vnd.amazon.eventstream');
    const events: string[] = [];
    if (response.body === null) throw new Error('no body');
    for await (const frames of decodeAwsEventStream(response.body)) events.push(...frames.map(({ event }) => event));
    expect([...new Set(events)]).toEqual([
      'messageStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ]);
  });

  test('take a model whose name is no valid encoding as it is', async () => {
    expect((await ask('/model/50%/converse')).status).toBe(200);
  });

  test('refuse in the words of AWS', async () => {
    const response = await ask('/model/m/converse', '{"messages":[]}');
    expect([response.status, await response.json()]).toEqual([
      400,
      { __type: 'ValidationException', message: expect.stringContaining('messages') },
    ]);
  });
});
