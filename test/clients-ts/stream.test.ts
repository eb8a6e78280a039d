import { createServer } from 'node:http';
import { create } from '@bufbuild/protobuf';
import type { ConnectRouter, HandlerContext } from '@connectrpc/connect';
import { Code } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerBuilder } from '../../clients/ts/src/answer-builder.ts';
import {
  answerText,
  createSluiceClient,
  FinishReason,
  SluiceError,
  StreamChatResponseSchema,
} from '../../clients/ts/src/index.ts';
import { ChatService } from '../../gen/sluice/v1/chat_service_pb.ts';
import { aborted, listen, refusal, startGateway, textEvents } from './gateway.ts';

const QUESTION = { model: 'm', messages: 'hi' };

type StreamChat = (request: unknown, context: HandlerContext) => AsyncGenerator<ReturnType<typeof textEvents>[number]>;

async function startStream(streamChat: StreamChat, protocol: 'connect' | 'grpc' | 'grpc-web' = 'connect') {
  const httpVersion = protocol === 'grpc' ? '2' : '1.1';
  const baseUrl = await startGateway({ chat: { streamChat } }, httpVersion);
  return createSluiceClient({ apiKey: 'k', baseUrl, protocol, httpVersion });
}

/** A stream that sends a little, then says when it saw the call end. */
function endlessStream() {
  const ended = Promise.withResolvers<number>();
  async function* streamChat(_: unknown, context: HandlerContext) {
    yield* textEvents(['a', 'b']).slice(0, 4);
    await aborted(context);
    ended.resolve(performance.now());
  }
  return { streamChat, ended: ended.promise };
}

async function readFailure(stream: AsyncIterable<unknown>): Promise<SluiceError> {
  const thrown = await Array.fromAsync(stream).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(SluiceError);
  return thrown as SluiceError;
}

describe('a stream to its end', () => {
  it('gives the events in order, then usage, finish reason and decision', async () => {
    const client = await startStream(async function* () {
      yield* textEvents(['Hel', 'lo']);
    });
    const stream = client.streamChat(QUESTION);
    expect(stream.decision).toBeUndefined();
    const cases: string[] = [];
    for await (const event of stream) cases.push(event.case);
    expect(cases).toEqual(['start', 'partStart', 'partDelta', 'partDelta', 'partEnd', 'finish']);
    expect(stream.finishReason).toBe(FinishReason.STOP);
    expect(stream.usage?.outputTokens).toBe(0);
    expect(stream.usage?.reasoningTokens).toBeUndefined();
    expect(stream.decision?.cost?.nanoUsd).toBe(9_007_199_254_740_993n);
    expect(await stream.text()).toBe('Hello');
  });

  it('gives the whole answer, tool calls included', async () => {
    const client = await startStream(async function* () {
      const [start, ...rest] = textEvents(['Hi']);
      const call = { kind: { case: 'toolCall', value: { id: 'c1', name: 'f' } } } as const;
      const piece = (value: string) =>
        ({ event: { case: 'partDelta', value: { index: 1, delta: { case: 'argumentsJson', value } } } }) as const;
      yield start!;
      yield { event: { case: 'partStart', value: { index: 1, part: call } } };
      yield piece('{"a"');
      yield* rest.slice(0, 2);
      yield piece(':1}');
      yield* rest.slice(2);
    });
    const answer = await client.streamChat(QUESTION).final();
    expect(answer).toMatchObject({ id: 'answer_1', model: 'm-1', usage: { inputTokens: 3 } });
    expect(answer.choices).toHaveLength(1);
    expect(answer.choices[0]).toMatchObject({ finishReason: FinishReason.STOP, rawFinishReason: 'stop' });
    expect(answer.choices[0]?.parts.map(({ kind }) => kind)).toMatchObject([
      { case: 'text', value: { text: 'Hi' } },
      { case: 'toolCall', value: { id: 'c1', name: 'f', input: { case: 'argumentsJson', value: '{"a":1}' } } },
    ]);
  });

  it('gives text alone where only that is wanted: no reasoning, no other choice', async () => {
    const client = await startStream(async function* () {
      const [start, ...rest] = textEvents(['Hel', 'lo']);
      const thought = { kind: { case: 'reasoning', value: { text: 'hm' } } } as const;
      const delta = { case: 'text', value: ' hm' } as const;
      yield start!;
      yield { event: { case: 'partStart', value: { index: 7, part: thought } } };
      yield { event: { case: 'partDelta', value: { index: 7, delta } } };
      yield { event: { case: 'partStart', value: { choice: 1, part: { kind: { case: 'text', value: {} } } } } };
      yield { event: { case: 'partDelta', value: { choice: 1, delta } } };
      yield* rest;
    });
    const stream = client.streamChat(QUESTION);
    expect(await Array.fromAsync(stream.textStream())).toEqual(['Hel', 'lo']);
    expect(await stream.text()).toBe('Hello');
    expect((await stream.final()).choices.map((choice) => choice.index)).toEqual([0, 1]);
  });

  it('skips events that it does not know', async () => {
    const client = await startStream(async function* () {
      const [start, ...rest] = textEvents(['x']);
      yield start!;
      yield {};
      yield* rest;
    });
    const events = await Array.fromAsync(client.streamChat(QUESTION));
    expect(events.map((event) => event.case)).toEqual(['start', 'partStart', 'partDelta', 'partEnd', 'finish']);
  });

  it('leaves its connection to the next call, also when it is left with the finish event', async () => {
    let connections = 0;
    const chat = {
      async *streamChat() {
        yield* textEvents(['x']);
      },
    };
    const routes = (router: ConnectRouter) => router.service(ChatService, chat);
    const server = createServer(connectNodeAdapter({ routes })).on('connection', () => {
      connections += 1;
    });
    const client = createSluiceClient({ apiKey: 'k', baseUrl: await listen(server) });
    for (let call = 0; call < 3; call++) {
      for await (const event of client.streamChat(QUESTION)) if (event.case === 'finish') break;
    }
    expect(connections).toBe(1);
  });

  it('an answer is the same however its text was cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 20 }), (texts) => {
        const builder = new AnswerBuilder();
        for (const init of textEvents(texts)) {
          const { event } = create(StreamChatResponseSchema, init);
          if (event.case !== undefined) builder.add(event);
        }
        expect(answerText(builder.build())).toBe(texts.join(''));
      }),
    );
  });
});

describe.each(['connect', 'grpc', 'grpc-web'] as const)('a stream that is left early, over %s', (protocol) => {
  it('is canceled at the gateway within 200 ms of a break', async () => {
    const { streamChat, ended } = endlessStream();
    const client = await startStream(streamChat, protocol);
    const stream = client.streamChat(QUESTION);
    let leftAt = 0;
    for await (const _ of stream) {
      leftAt = performance.now();
      break;
    }
    expect((await ended) - leftAt).toBeLessThan(200);
    await expect(stream.final()).rejects.toMatchObject({ reason: 'CANCELED' });
  });

  it('is canceled by a throw, which goes on unchanged', async () => {
    const { streamChat, ended } = endlessStream();
    const client = await startStream(streamChat, protocol);
    const read = async () => {
      for await (const _ of client.streamChat(QUESTION).textStream()) throw new Error('my own');
    };
    await expect(read()).rejects.toThrow('my own');
    await ended;
  });

  it("is canceled by the caller's signal, with the signal's reason as cause", async () => {
    const { streamChat, ended } = endlessStream();
    const client = await startStream(streamChat, protocol);
    const controller = new AbortController();
    const stream = client.streamChat(QUESTION, { signal: controller.signal });
    const read = async () => {
      for await (const event of stream) if (event.case === 'partDelta') controller.abort('enough');
    };
    await expect(read()).rejects.toMatchObject({ reason: 'CANCELED', code: Code.Canceled, cause: 'enough' });
    await ended;
  });

  it('is canceled by cancel() while a read waits', async () => {
    const { streamChat, ended } = endlessStream();
    const client = await startStream(streamChat, protocol);
    const stream = client.streamChat(QUESTION);
    const events = stream[Symbol.asyncIterator]();
    for (let read = 0; read < 4; read++) await events.next();
    const waiting = events.next();
    stream.cancel();
    await expect(waiting).rejects.toMatchObject({ reason: 'CANCELED' });
    await ended;
  });

  it('ends at its deadline', async () => {
    const { streamChat, ended } = endlessStream();
    const client = await startStream(streamChat, protocol);
    const error = await readFailure(client.streamChat(QUESTION, { timeoutMs: 80 }));
    expect(error).toMatchObject({ reason: 'DEADLINE_EXCEEDED', code: Code.DeadlineExceeded });
    await ended;
  });
});

it('a stream that nobody reads is never sent', async () => {
  let calls = 0;
  const client = await startStream(async function* () {
    calls += 1;
    yield* textEvents([]);
  });
  client.streamChat(QUESTION).cancel();
  await client.streamChat(QUESTION).text();
  expect(calls).toBe(1);
});

describe('a stream that fails', () => {
  it.each([0, 3])('without a finish event, after %i events, is STREAM_INTERRUPTED', async (count) => {
    let calls = 0;
    const client = await startStream(async function* () {
      calls += 1;
      yield* textEvents(['a', 'b']).slice(0, count);
    });
    const stream = client.streamChat(QUESTION);
    expect(await readFailure(stream)).toMatchObject({ reason: 'STREAM_INTERRUPTED', code: Code.Unavailable });
    await expect(stream.text()).rejects.toMatchObject({ reason: 'STREAM_INTERRUPTED' });
    expect(stream.decision).toBeUndefined();
    expect(calls).toBe(1);
  });

  it("in its middle throws the gateway's error with all that it says", async () => {
    const client = await startStream(async function* () {
      yield* textEvents(['a']).slice(0, 3);
      throw refusal('STREAM_INTERRUPTED', Code.Unavailable, { decision: { requestId: 'req_9' } });
    });
    const error = await readFailure(client.streamChat(QUESTION));
    expect(error).toMatchObject({ reason: 'STREAM_INTERRUPTED', rawReason: 'STREAM_INTERRUPTED' });
    expect(error.decision?.requestId).toBe('req_9');
  });
});
