import { generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startConfiguredGateway } from '../support/configured-gateway.ts';
import { sse } from '../support/sse.ts';
import { startTestSimulator } from '../support/test-simulator.ts';
import { readAll, serveHttp } from '../upstream/loopback.ts';

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const keyFile = (tokenUrl: string): string =>
  JSON.stringify({ type: 'service_account', client_email: 'a@p.example', private_key: pem, token_uri: tokenUrl });

interface Seen {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
}

interface Vertex {
  readonly preset: string;
  readonly publisher: string;
  /** What the model answers, in one piece or as a stream. */
  readonly answer: (url: string) => { readonly type: string; readonly text: string };
}

/** A server that answers as Vertex AI does behind Google's token endpoint, a gateway before it, and what it was asked. */
async function startVertex({ preset, publisher, answer }: Vertex) {
  const seen: Seen[] = [];
  const simulator = await startTestSimulator();
  const server = await serveHttp(async (request, response) => {
    const body = JSON.parse((await readAll(request)).toString('utf8'));
    const url = request.url ?? '';
    seen.push({ url, headers: request.headers, body });
    const { type, text } = answer(url);
    response.writeHead(200, { 'content-type': type }).end(text);
  });
  const base = `http://127.0.0.1:${server.port}/v1/projects/p/locations/l/publishers/${publisher}`;
  const gateway = await startConfiguredGateway({
    providers: `  - {name: v, preset: ${preset}, base_url: "${base}", allow_private_address: true, credential: "file:google.json"}`,
    files: { 'google.json': keyFile(`${simulator.url}/token`) },
  });
  return { gateway, seen };
}

const json = (value: object) => ({ type: 'application/json', text: JSON.stringify(value) });
const events = (list: readonly object[], name?: (event: object) => string) => ({
  type: 'text/event-stream',
  text: list
    .map((each) => `${name === undefined ? '' : `event: ${name(each)}\n`}data: ${JSON.stringify(each)}\n\n`)
    .join(''),
});

const USAGE = { input_tokens: 3, output_tokens: 1 };
const MESSAGE = {
  id: 'msg_vrtx_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  stop_sequence: null,
};
const CLAUDE = { ...MESSAGE, content: [{ type: 'text', text: 'Hi' }], stop_reason: 'end_turn', usage: USAGE };
const CLAUDE_EVENTS = [
  {
    type: 'message_start',
    message: { ...MESSAGE, content: [], stop_reason: null, usage: { ...USAGE, output_tokens: 0 } },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: USAGE },
  { type: 'message_stop' },
];

const claude = {
  preset: 'vertex-anthropic',
  publisher: 'anthropic',
  answer: (url: string) => {
    if (url.includes('count-tokens')) return json({ input_tokens: 3 });
    if (url.endsWith(':streamRawPredict'))
      return events(CLAUDE_EVENTS, (event) => ('type' in event ? String(event.type) : ''));
    return json(CLAUDE);
  },
};

describe('Claude on Vertex AI', () => {
  const PATH = '/v1/projects/p/locations/l/publishers/anthropic/models';
  const MODEL = 'v/claude-sonnet-4-5@20250929';
  const body = (more: object = {}) => ({
    model: MODEL,
    max_tokens: 10,
    messages: [{ role: 'user', content: 'Hello' }],
    ...more,
  });

  test('is called with the model in the path, the version in the body, and a token of Google', async () => {
    const { gateway, seen } = await startVertex(claude);
    const response = await gateway.post('/v1/messages', body());
    expect(await response.json()).toEqual(CLAUDE);
    expect(seen[0]).toMatchObject({
      url: `${PATH}/claude-sonnet-4-5%4020250929:rawPredict`,
      headers: { authorization: 'Bearer simulated-google-token' },
      body: { anthropic_version: 'vertex-2023-10-16', max_tokens: 10 },
    });
    expect(seen[0]?.body).not.toHaveProperty('model');
  });

  test('streams from its own path, for callers of another format too', async () => {
    const { gateway, seen } = await startVertex(claude);
    const response = await gateway.post('/v1/chat/completions', body({ stream: true }));
    const frames = sse(await response.text());
    expect(frames.at(-1)).toBe('[DONE]');
    expect(frames.join('')).toContain('"content":"Hi"');
    expect(seen[0]?.url).toBe(`${PATH}/claude-sonnet-4-5%4020250929:streamRawPredict`);
  });

  test('counts tokens at an address that all models share, which the body tells the model', async () => {
    const { gateway, seen } = await startVertex(claude);
    const { max_tokens: _, ...prompt } = body();
    const response = await gateway.post('/v1/messages/count_tokens', prompt);
    expect(await response.json()).toMatchObject({ input_tokens: 3 });
    expect(seen[0]).toMatchObject({
      url: `${PATH}/count-tokens:rawPredict`,
      body: { model: 'claude-sonnet-4-5@20250929' },
    });
  });
});

const GEMINI = {
  candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1, totalTokenCount: 4 },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'r1',
};

const gemini = {
  preset: 'vertex',
  publisher: 'google',
  answer: (url: string) => (url.includes(':streamGenerateContent') ? events([GEMINI]) : json(GEMINI)),
};

describe('Gemini on Vertex AI', () => {
  const PATH = '/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash';
  const body = (more: object = {}) => ({
    model: 'v/gemini-2.5-flash',
    messages: [{ role: 'user', content: 'Hello' }],
    ...more,
  });

  test('is called below its publisher, with a token of Google', async () => {
    const { gateway, seen } = await startVertex(gemini);
    const response = await gateway.post('/v1/chat/completions', body());
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] });
    expect(seen[0]).toMatchObject({
      url: `${PATH}:generateContent`,
      headers: { authorization: 'Bearer simulated-google-token' },
      body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
    });
    expect(seen[0]?.headers['x-goog-api-key']).toBeUndefined();
  });

  test('streams as server-sent events', async () => {
    const { gateway, seen } = await startVertex(gemini);
    const response = await gateway.post('/v1/chat/completions', body({ stream: true }));
    const frames = sse(await response.text());
    expect(frames.at(-1)).toBe('[DONE]');
    expect(frames.join('')).toContain('"content":"Hi"');
    expect(seen[0]?.url).toBe(`${PATH}:streamGenerateContent?alt=sse`);
  });
});
