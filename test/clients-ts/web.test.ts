import type { HandlerContext } from '@connectrpc/connect';
import { Code } from '@connectrpc/connect';
import { describe, expect, it } from 'vitest';
import { answerText, createSluiceClient } from '../../clients/ts/src/web.ts';
import type { FinishReason } from '../../gen/sluice/v1/chat_service_pb.ts';
import { aborted, deadAddress, refusal, startGateway, textEvents } from './gateway.ts';

const QUESTION = { model: 'm', messages: 'hi' };

describe.each(['connect', 'grpc-web'] as const)('over fetch and %s', (protocol) => {
  it('an answer comes whole, enum values newer than the client included', async () => {
    const parts = [{ kind: { case: 'text', value: { text: 'Hello' } } as const }];
    let contentType: string | null = '';
    const chat = {
      chat(_: unknown, context: HandlerContext) {
        contentType = context.requestHeader.get('content-type');
        return { choices: [{ parts, finishReason: 99 as FinishReason }] };
      },
    };
    const client = createSluiceClient({ apiKey: 'k', baseUrl: await startGateway({ chat }), protocol });
    const answer = await client.chat(QUESTION);
    expect(answerText(answer)).toBe('Hello');
    expect(answer.choices[0]?.finishReason).toBe(99);
    // JSON would name enum values, and a newer name reads as unset.
    expect(contentType).toMatch(/proto$/);
  });

  it('a stream comes whole', async () => {
    const chat = {
      async *streamChat() {
        yield* textEvents(['Hel', 'lo']);
      },
    };
    const client = createSluiceClient({ apiKey: 'k', baseUrl: await startGateway({ chat }), protocol });
    expect(await client.streamChat(QUESTION).text()).toBe('Hello');
  });

  it('a stream that is left early is canceled at the gateway', async () => {
    const ended = Promise.withResolvers<void>();
    const chat = {
      async *streamChat(_: unknown, context: HandlerContext) {
        yield* textEvents(['a']).slice(0, 2);
        await aborted(context);
        ended.resolve();
      },
    };
    const client = createSluiceClient({ apiKey: 'k', baseUrl: await startGateway({ chat }), protocol });
    for await (const _ of client.streamChat(QUESTION)) break;
    await ended.promise;
  });

  it('an error has its reason and its decision', async () => {
    const chat = {
      chat() {
        throw refusal('MODEL_NOT_FOUND', Code.NotFound, { decision: { requestId: 'req_2' } });
      },
    };
    const client = createSluiceClient({ apiKey: 'k', baseUrl: await startGateway({ chat }), protocol });
    const sent = client.chat(QUESTION);
    await expect(sent).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND', decision: { requestId: 'req_2' } });
  });

  it('a gateway that is not there is CONNECTION', async () => {
    const client = createSluiceClient({ apiKey: 'k', baseUrl: await deadAddress(), protocol, maxRetries: 0 });
    await expect(client.chat(QUESTION)).rejects.toMatchObject({ reason: 'CONNECTION' });
  });

  it('a deadline is DEADLINE_EXCEEDED', async () => {
    const chat = {
      async chat(_: unknown, context: HandlerContext) {
        await aborted(context);
        return {};
      },
    };
    const client = createSluiceClient({ apiKey: 'k', baseUrl: await startGateway({ chat }), protocol });
    await expect(client.chat(QUESTION, { timeoutMs: 50 })).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
  });
});
