import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answers, FIXTURES_NOTE, hasFixtures, streams } from '../dialects/openai-responses/recordings.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { type Replay, startReplay } from '../support/replay.ts';

let gateway: TestGateway;
let replay: Replay;
let client: OpenAI;

const eventText = (data: string): string => `event: ${JSON.parse(data).type}\ndata: ${data}\n\n`;
/** Those whose every event the SDK's helper knows. */
const helped = streams.filter(({ name }) => !/apply-patch|compaction|client-tool-search|image-generation/.test(name));

beforeAll(async () => {
  const bodies = answers.map(({ name, text }) => [name, text] as const);
  const events = streams.map(({ name, chunks }) => [name, chunks.map(eventText).join('')] as const);
  replay = await startReplay(new Map([...bodies, ...events]));
  gateway = await openGateway({
    providers: () =>
      `  - {name: recorded, dialect: openai-responses, base_url: "${replay.url}/v1", allow_private_address: true}\n`,
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TEST_KEY, maxRetries: 0 });
});
afterAll(async () => {
  await gateway.close();
  await replay.close();
});

describe.skipIf(!hasFixtures)(`recorded responses through the gateway and the official SDK${FIXTURES_NOTE}`, () => {
  it.each(answers)('$name comes out member by member', async ({ name, text }) => {
    const response = await client.responses.create({ model: `recorded/${name}`, input: 'Hello' });
    const { output_text: _, ...members } = response;
    expect(members).toMatchObject(JSON.parse(text));
  });

  it.each(streams)('$name comes out event by event', async ({ name, chunks }) => {
    const events: unknown[] = [];
    const stream = await client.responses.create({ model: `recorded/${name}`, input: 'Hello', stream: true });
    for await (const event of stream) events.push(event);
    expect(events).toEqual(chunks.map((chunk) => JSON.parse(chunk)));
  });

  it.each(helped)('$name is collected by the stream helper', async ({ name, chunks }) => {
    const { response } = JSON.parse(chunks.at(-1) ?? '');
    const final = await client.responses.stream({ model: `recorded/${name}`, input: 'Hello' }).finalResponse();
    expect(final.id).toBe(response.id);
  });

  it.each(streams.filter(({ name }) => /text|encrypted|file-search|web-search/.test(name)))(
    '$name is a chat of the same words to callers of that API',
    async ({ name, chunks }) => {
      const messages = [{ role: 'user' as const, content: 'Hello' }];
      const stream = client.chat.completions.stream({ model: `recorded/${name}`, messages });
      const final = await stream.finalChatCompletion();
      const { output } = JSON.parse(chunks.at(-1) ?? '').response;
      const words = output
        .filter(({ type }: { type: string }) => type === 'message')
        .flatMap(({ content }: { content: { text: string }[] }) => content.map(({ text }) => text));
      const calls = output.filter(({ type }: { type: string }) => type === 'function_call');
      expect(final.choices[0]?.message.content ?? '').toBe(words.join(''));
      expect(final.choices[0]?.message.tool_calls?.length ?? 0).toBe(calls.length);
      expect(final.choices[0]?.finish_reason).toBe(calls.length > 0 ? 'tool_calls' : 'stop');
    },
  );

  it("a caller's body goes to the provider as it is, unknown members too, under the provider's model name", async () => {
    const name = answers[0]?.name ?? '';
    const body = {
      input: [
        { type: 'item_reference', id: 'msg_1' },
        { role: 'user', content: 'Hello', future: 1 },
      ],
      tools: [{ type: 'web_search', search_context_size: 'low' }],
      tool_choice: { type: 'web_search_preview' },
      include: ['web_search_call.action.sources'],
      truncation: 'auto',
      max_tool_calls: 3,
      previous_response_id: 'resp_1',
      store: true,
      future_member: { deep: [1, null] },
    };
    await client.post('/responses', { body: { ...body, model: `recorded/${name}` } });
    const last = replay.requests.at(-1);
    expect(last?.path).toBe('/v1/responses');
    expect(last?.body).toEqual({ ...body, model: name });
  });
});
