import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answers, FIXTURES_NOTE, hasFixtures, rateLimited, streams } from '../dialects/gemini/drive.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
let server: Server;
const asked: { path: string; body: { contents: { parts: object[] }[] } }[] = [];

/** Answers by the model in the path: a body, or a stream with Google's line ends. */
function serve(): Promise<Server> {
  const bodies = new Map<string, string>([
    ...answers.map(({ name, text }) => [name, text] as const),
    ...streams.map(({ name, chunks }) => [name, chunks.map((chunk) => `data: ${chunk}\r\n\r\n`).join('')] as const),
  ]);
  const started = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const path = request.url ?? '';
      asked.push({ path, body: JSON.parse(text) });
      const model = /models\/([^:]+):/.exec(path)?.[1] ?? '';
      const stream = path.endsWith(':streamGenerateContent?alt=sse');
      response.writeHead(model === 'limited' ? 429 : 200, {
        'content-type': stream ? 'text/event-stream' : 'application/json',
      });
      response.end(model === 'limited' ? rateLimited : bodies.get(decodeURIComponent(model)));
    });
  });
  return new Promise((resolve) => started.listen(0, '127.0.0.1', () => resolve(started)));
}

beforeAll(async () => {
  server = await serve();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1beta`;
  gateway = await openGateway({
    providers: () => `  - {name: recorded, dialect: gemini, base_url: "${url}", allow_private_address: true}\n`,
  });
});
afterAll(async () => {
  await gateway.close();
  await new Promise((resolve) => server.close(resolve));
});

/** The SDK itself leaves out members that it takes for Vertex AI's alone. */
// biome-ignore lint/suspicious/noExplicitAny: a recorded body
function shownBySdk({ createTime: _, candidates, ...members }: any): object {
  // biome-ignore lint/suspicious/noExplicitAny: a recorded body
  return { ...members, candidates: candidates.map(({ finishMessage: __, ...candidate }: any) => candidate) };
}

const google = () => new GoogleGenAI({ apiKey: TEST_KEY, httpOptions: { baseUrl: gateway.url } });
const openai = () => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TEST_KEY, maxRetries: 0 });

describe.skipIf(!hasFixtures)(`recorded answers through the gateway and the official SDK${FIXTURES_NOTE}`, () => {
  it.each(answers)('$name comes out member by member', async ({ name, text }) => {
    const answer = await google().models.generateContent({ model: `recorded/${name}`, contents: 'Hello' });
    expect(answer).toMatchObject(shownBySdk(JSON.parse(text)));
    expect(asked.at(-1)?.path).toBe(`/v1beta/models/${name}:generateContent`);
  });

  it.each(streams)('$name comes out chunk by chunk', async ({ name, chunks }) => {
    const stream = await google().models.generateContentStream({ model: `recorded/${name}`, contents: 'Hello' });
    const got = [];
    for await (const chunk of stream) got.push(chunk);
    expect(got).toHaveLength(chunks.length);
    for (const [index, chunk] of chunks.entries()) expect(got[index]).toMatchObject(shownBySdk(JSON.parse(chunk)));
  });

  it('a refusal for its rate tells the wait that the provider asked for', async () => {
    const error = await google()
      .models.generateContent({
        model: 'recorded/limited',
        contents: 'Hello',
        config: { httpOptions: { headers: { 'x-sluice-max-retries': '0' } } },
      })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    const { details } = JSON.parse((error as ApiError).message).error;
    expect(details).toContainEqual({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' });
  });
});

describe.skipIf(!hasFixtures)(`recorded answers before callers of OpenAI’s API${FIXTURES_NOTE}`, () => {
  const messages = [{ role: 'user' as const, content: 'Hello' }];

  it('a call goes out with an id, whose result finds its name and leaves the id out', async () => {
    const model = 'recorded/google-tool-call.json';
    const first = await openai().chat.completions.create({ model, messages });
    const choice = first.choices[0];
    const call = choice?.message.tool_calls?.[0];
    expect(choice?.finish_reason).toBe('tool_calls');
    if (choice === undefined || call === undefined) throw new Error('no call');
    await openai().chat.completions.create({
      model,
      messages: [...messages, choice.message, { role: 'tool', tool_call_id: call.id, content: '{"sky":"clear"}' }],
    });
    const { contents } = asked.at(-1)?.body ?? { contents: [] };
    expect(contents[1]?.parts).toMatchObject([
      { functionCall: { name: 'weather', args: { location: 'San Francisco' } } },
    ]);
    expect(contents[2]?.parts).toEqual([{ functionResponse: { name: 'weather', response: { sky: 'clear' } } }]);
    expect(JSON.stringify(contents)).not.toContain(call.id);
  });

  it('arguments that came by their paths are JSON text', async () => {
    const model = 'recorded/google-stream-tool-call-arguments.chunks.txt';
    const stream = openai().chat.completions.stream({ model, messages });
    const { choices } = await stream.finalChatCompletion();
    const calls = choices[0]?.message.tool_calls ?? [];
    const inputs = calls.map((call) => (call.type === 'function' ? JSON.parse(call.function.arguments) : undefined));
    expect(inputs).toEqual([{ location: 'Boston' }, { location: 'San Francisco' }]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  });
});
