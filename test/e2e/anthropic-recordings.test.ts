import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeSseFrame } from '../../server/upstream/sse-encoder.ts';
import { answers, FIXTURES_NOTE, frameOf, hasFixtures, streams } from '../dialects/anthropic-messages/drive.ts';
import { collect, readMessage } from '../dialects/anthropic-messages/plain-message.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

interface Seen {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Record<string, unknown>;
}

let provider: Server;
let gateway: TestGateway;
let client: Anthropic;
/** What the provider was asked last. */
let seen: Seen;
const messages = [{ role: 'user' as const, content: 'Hello' }];

beforeAll(async () => {
  provider = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      seen = { headers: request.headers, body: JSON.parse(text) };
      const stream = streams.find(({ name }) => name === seen.body['model']);
      const whole = answers.find(({ name }) => name === seen.body['model']);
      response.setHeader('content-type', stream === undefined ? 'application/json' : 'text/event-stream');
      response.end(stream?.all.map((data) => encodeSseFrame(frameOf(data))).join('') ?? whole?.text ?? '{}');
    });
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const { port } = provider.address() as AddressInfo;
  gateway = await openGateway({
    providers: () =>
      `  - {name: recorded, dialect: anthropic-messages, base_url: "http://127.0.0.1:${port}/v1", allow_private_address: true}\n`,
  });
  client = new Anthropic({ baseURL: gateway.url, apiKey: TEST_KEY, maxRetries: 0 });
});
afterAll(async () => {
  await gateway.close();
  provider.close();
});

describe.skipIf(!hasFixtures)(
  `the official Anthropic SDK with recorded providers of its own format${FIXTURES_NOTE}`,
  () => {
    it.each(answers)('gets $name as it was recorded', async ({ name, text }) => {
      const answer = await client.messages.create({ model: `recorded/${name}`, messages, max_tokens: 9 });
      expect(JSON.parse(JSON.stringify(answer))).toMatchObject(JSON.parse(text));
    });

    it.each(streams)('collects $name into what it says', async ({ name, chunks }) => {
      const final = await client.messages.stream({ model: `recorded/${name}`, messages, max_tokens: 9 }).finalMessage();
      expect(readMessage(final)).toEqual(readMessage(collect(chunks.map((data) => JSON.parse(data)))));
    });

    it('sends its own body and headers on, with the model and the key of the provider', async () => {
      const name = answers[0]?.name ?? '';
      const body = {
        messages,
        max_tokens: 9,
        context_management: { edits: [{ type: 'clear_tool_uses_20250919' as const }] },
      };
      await client.beta.messages.create({
        model: `recorded/${name}`,
        ...body,
        betas: ['context-management-2025-06-27'],
      });
      expect(seen.body).toEqual({ model: name, ...body });
      // The SDK's own version, which is later than the gateway's.
      expect(seen.headers).toMatchObject({
        'anthropic-version': '2026-10-21',
        'anthropic-beta': expect.stringContaining('context-management-2025-06-27'),
      });
      expect(JSON.stringify(seen.headers)).not.toContain(TEST_KEY);
    });
  },
);
