import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FinishReason,
  PartDeltaSchema,
  PartEndSchema,
  PartStartSchema,
  StreamFinishSchema,
  StreamStartSchema,
} from '../../../gen/sluice/v1/chat_service_pb.ts';
import { PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import { UsageSchema } from '../../../gen/sluice/v1/usage_pb.ts';
import type { ChatEvent } from '../../../server/dialects/dialect.ts';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { attemptError } from '../support/drive.ts';
import { assertOrder } from '../support/plain-reading.ts';
import {
  decodeAll,
  door,
  encodeAll,
  event,
  eventsOf,
  frameOf,
  hasFixtures,
  provider,
  streams,
  textStream,
} from './drive.ts';
import { collect, readMessage } from './plain-message.ts';

const finishOf = (chunks: readonly string[]) => {
  const last = eventsOf(decodeAll(chunks)).at(-1);
  if (last?.case !== 'finish') throw new Error('no finish');
  return last.value;
};
const readFrames = (frames: readonly { data: string }[]) =>
  readMessage(collect(frames.map(({ data }) => JSON.parse(data))));

describe('what comes twice or out of order', () => {
  const [start = '', ...rest] = textStream('a', 'b');

  it('a second message_start neither restarts nor doubles anything', () => {
    const again = [start, ...rest.slice(0, 2), start, ...rest.slice(2)];
    expect(eventsOf(decodeAll(again))).toEqual(eventsOf(decodeAll([start, ...rest])));
    expect(encodeAll(decodeAll(again)).map(({ data }) => data)).toEqual([start, ...rest]);
  });

  it('message_delta or content before message_start loses nothing, and callers see the beginning first', () => {
    const end = rest.findIndex((data) => JSON.parse(data).type === 'message_delta');
    const [delta = ''] = rest.slice(end, end + 1);
    const others = rest.filter((data) => data !== delta);
    const early = [delta, start, ...others];
    expect(finishOf(early)).toEqual(finishOf([start, ...rest]));
    expect(encodeAll(decodeAll(early)).map(({ data }) => data)).toEqual([start, delta, ...others]);
    const late = [...rest.slice(0, 1), start, ...rest.slice(1)];
    expect(finishOf(late)).toEqual(finishOf([start, ...rest]));
    const types = encodeAll(decodeAll(late)).map(({ data }) => JSON.parse(data).type);
    expect(types).toEqual([start, ...rest].map((data) => JSON.parse(data).type));
  });

  it('whatever follows message_stop is not part of the answer, broken or not', () => {
    const decoder = provider.createStreamDecoder({});
    for (const data of [start, ...rest]) decoder.push(frameOf(data));
    expect(decoder.push({ event: 'error', data: 'broken' })).toEqual({ events: [] });
    expect(decoder.push(frameOf(start))).toEqual({ events: [] });
    expect(decoder.usage?.outputTokens).toBe(7);
  });

  it('a block whose index begins again, or that never ends, is ended once', () => {
    const block = event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
    const events = eventsOf(decodeAll([start, block, ...rest.slice(0, 3), ...rest.slice(4)]));
    assertOrder(events);
    expect(events.filter(({ case: kind }) => kind === 'partStart')).toHaveLength(2);
  });

  it('words without the beginning of their block are kept; pieces of a call without it are MALFORMED', () => {
    const delta = (value: object) => event({ type: 'content_block_delta', index: 4, delta: value });
    const events = eventsOf(decodeAll([start, delta({ type: 'text_delta', text: 'x' }), ...rest.slice(-2)]));
    assertOrder(events);
    expect(events.filter(({ case: kind }) => kind === 'partDelta')).toHaveLength(1);
    const broken = () => decodeAll([start, delta({ type: 'input_json_delta', partial_json: '{' })]);
    expect(attemptError(broken).failure).toBe('MALFORMED');
  });
});

describe('the input of a call', () => {
  it.each([
    ['comes in pieces', {}, ['{"a"', ':1}'], '{"a":1}'],
    ['comes with the beginning', { a: 1 }, [], '{"a":1}'],
    ['is nothing at all', {}, [''], '{}'],
  ])('%s and is JSON in the end', (_, input, pieces, wanted) => {
    const [start = '', ...rest] = textStream();
    const block = { type: 'tool_use', id: 'i', name: 'n', input };
    const events = eventsOf(
      decodeAll([
        start,
        event({ type: 'content_block_start', index: 0, content_block: block }),
        ...pieces.map((partial_json) =>
          event({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json } }),
        ),
        ...rest.slice(1),
      ]),
    );
    const texts = events.flatMap((one) => (one.case === 'partDelta' ? [one.value.delta.value] : []));
    expect(texts.join('')).toBe(wanted);
  });
});

describe('usage in a stream', () => {
  const withUsage = (first: object, ...later: object[]) => {
    const [, ...rest] = textStream('a');
    const start = event({ type: 'message_start', message: { id: 'm', usage: first } });
    const deltas = later.map((usage) => event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage }));
    return finishOf([start, ...rest.slice(0, 3), ...deltas, event({ type: 'message_stop' })]).usage;
  };

  it('the latest of each count holds, nothing is summed, null wipes nothing', () => {
    const usage = withUsage(
      {
        input_tokens: 10,
        cache_creation_input_tokens: 5,
        cache_read_input_tokens: 100,
        cache_creation: { ephemeral_1h_input_tokens: 2 },
        output_tokens: 1,
      },
      { input_tokens: 12, output_tokens: 20, cache_read_input_tokens: null },
      { output_tokens: 30, output_tokens_details: { thinking_tokens: 9 }, server_tool_use: { web_search_requests: 2 } },
    );
    expect(usage).toMatchObject({
      inputTokens: 117,
      outputTokens: 30,
      cacheReadTokens: 100,
      cacheWriteTokens: 5,
      cacheWrite1hTokens: 2,
      reasoningTokens: 9,
      providerToolUses: { web_search: 2 },
    });
  });

  it('a count that was not given stays unset, an explicit zero is zero', () => {
    const usage = withUsage({ input_tokens: 0 }, {});
    expect(usage?.inputTokens).toBe(0);
    expect(usage?.outputTokens).toBeUndefined();
    expect(usage?.cacheReadTokens).toBeUndefined();
  });

  it('compacting the conversation counts, an advisor does not', () => {
    const iterations = [
      { type: 'compaction', input_tokens: 1000, output_tokens: 50 },
      { type: 'message', input_tokens: 10, output_tokens: 5 },
      { type: 'advisor_message', input_tokens: 7000, output_tokens: 900 },
    ];
    expect(withUsage({}, { input_tokens: 10, output_tokens: 5, iterations })).toMatchObject({
      inputTokens: 1010,
      outputTokens: 55,
    });
  });
});

describe('failures in a stream', () => {
  it.each([
    ['overloaded_error', 'Overloaded', 'OVERLOADED'],
    ['rate_limit_error', 'm', 'RATE_LIMITED'],
    ['api_error', 'm', 'SERVER_ERROR'],
    ['timeout_error', 'm', 'TIMEOUT'],
    ['invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum', 'CONTEXT_LENGTH_EXCEEDED'],
    ['invalid_request_error', 'Output blocked by content filtering policy', 'CONTENT_FILTERED'],
  ])('%s (%s) is %s', (type, message, failure) => {
    const data = event({ type: 'error', error: { type, message } });
    expect(attemptError(() => provider.createStreamDecoder({}).push({ event: 'error', data })).failure).toBe(failure);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"type":"content_block_start","index":0}',
    '{"type":"content_block_delta","delta":{}}',
  ])('%j is MALFORMED', (data) => {
    expect(attemptError(() => provider.createStreamDecoder({}).push({ event: '', data })).failure).toBe('MALFORMED');
  });

  it('message_stop without a stop reason is INTERRUPTED: none is made up', () => {
    const [start = '', ...rest] = textStream('a');
    expect(
      attemptError(() => decodeAll([start, ...rest.filter((data) => !data.includes('message_delta'))])).failure,
    ).toBe('INTERRUPTED');
  });

  it('a broken stream ends with an error event and without message_stop', () => {
    const frames = door
      .createStreamEncoder({ includeUsage: true })
      .encodeError(new SluiceError('STREAM_INTERRUPTED', 'broke'));
    expect(frames).toEqual([
      {
        event: 'error',
        data: event({ type: 'error', error: { type: 'api_error', message: 'broke' }, request_id: null }),
      },
    ]);
  });
});

/** Canonical events as other formats make them. */
const begin = (index: number, part: object): ChatEvent => ({
  case: 'partStart',
  value: create(PartStartSchema, { index, part: create(PartSchema, part) }),
});
const add = (index: number, delta: object): ChatEvent => ({
  case: 'partDelta',
  value: create(PartDeltaSchema, { index, delta } as object),
});
const done = (index: number): ChatEvent => ({ case: 'partEnd', value: create(PartEndSchema, { index }) });
const started: ChatEvent = { case: 'start', value: create(StreamStartSchema, { id: 'c1', model: 'm' }) };
const finished = (reason: FinishReason, counts: object = {}): ChatEvent => ({
  case: 'finish',
  value: create(StreamFinishSchema, { choices: [{ reason, rawReason: 'x' }], usage: create(UsageSchema, counts) }),
});
const text = { kind: { case: 'text', value: {} } };
const tool = (id: string) => ({
  kind: { case: 'toolCall', value: { id, name: id, input: { case: 'argumentsJson', value: '' } } },
});
const built = (...events: readonly ChatEvent[]) => encodeAll(events.map((one) => ({ events: [one] })));

describe('events of other formats', () => {
  it('parts that grow at once become blocks one after the other, whole and in order', () => {
    const lanes = fc.array(fc.array(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(lanes, fc.infiniteStream(fc.nat()), (pieces, chance) => {
        const events: ChatEvent[] = pieces.map((_, index) => begin(index, tool(`t${index}`)));
        const left = pieces.map((lane, index) => [
          ...lane.map((piece, at) =>
            add(index, {
              case: 'argumentsJson',
              value: `${at === 0 ? '{"a":"' : ''}${piece}${at === lane.length - 1 ? '"}' : ''}`,
            }),
          ),
          done(index),
        ]);
        while (left.some((lane) => lane.length > 0)) {
          const lane = left[Number(chance.next().value) % left.length];
          const next = lane?.shift();
          if (next !== undefined) events.push(next);
        }
        const message = collect(
          built(started, ...events, finished(FinishReason.TOOL_CALLS)).map(({ data }) => JSON.parse(data)),
        );
        expect(message.content).toEqual(
          pieces.map((lane, index) => ({
            type: 'tool_use',
            id: `t${index}`,
            name: `t${index}`,
            input: lane.length === 0 ? {} : { a: lane.join('') },
          })),
        );
      }),
    );
  });

  it('parts that were never ended are ended before the message is', () => {
    const frames = built(
      started,
      begin(0, text),
      add(0, { case: 'text', value: 'a' }),
      begin(1, tool('t')),
      finished(FinishReason.STOP),
    );
    expect(readFrames(frames)).toMatchObject({ text: 'a', tools: [['t', {}]], stop: 'end_turn' });
  });

  it('usage comes with message_delta: what was cached stands beside the input', () => {
    const frames = built(
      started,
      finished(FinishReason.LENGTH, {
        inputTokens: 100,
        outputTokens: 5,
        cacheReadTokens: 60,
        cacheWriteTokens: 30,
        cacheWrite1hTokens: 10,
      }),
    );
    expect(JSON.parse(frames.at(-2)?.data ?? '')).toEqual({
      type: 'message_delta',
      delta: { stop_reason: 'max_tokens', stop_sequence: null },
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 30,
        cache_read_input_tokens: 60,
        cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
        output_tokens: 5,
      },
    });
  });

  it('thoughts of another format come back from the caller as they were, and stay away from providers of this one', () => {
    const proven = {
      kind: { case: 'reasoning', value: { redactedData: 'enc', summary: true } },
      origin: 'openai-responses',
      itemId: 'rs_1',
    };
    const frames = built(
      started,
      ...[
        begin(0, { kind: { case: 'reasoning', value: {} }, origin: 'gemini' }),
        add(0, { case: 'text', value: 'hm' }),
        add(0, { case: 'signature', value: 's' }),
        done(0),
      ],
      ...[begin(1, proven), done(1)],
      ...[begin(2, { kind: { case: 'reasoning', value: {} } }), add(2, { case: 'text', value: 'so' }), done(2)],
      ...[begin(3, text), done(3)],
      finished(FinishReason.STOP),
    );
    const { content } = collect(frames.map(({ data }) => JSON.parse(data)));
    expect(content.map(({ type, thinking }: { type: string; thinking: string }) => [type, thinking])).toEqual([
      ['thinking', 'hm'],
      ['thinking', ''],
      ['thinking', 'so'],
    ]);
    const body = {
      model: 'm',
      max_tokens: 1,
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content },
      ],
    };
    const { generation, wire } = door.decodeRequest(body);
    expect(generation.messages[1]?.parts).toMatchObject([
      { kind: { value: { text: 'hm' } }, origin: 'gemini', signature: 's' },
      { kind: { value: { text: '', redactedData: 'enc', summary: true } }, origin: 'openai-responses', itemId: 'rs_1' },
      { kind: { value: { text: 'so' } }, origin: '', signature: '' },
    ]);
    const request = provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks: {}, stream: false, wire });
    expect(request.body['messages']).toEqual([{ role: 'user', content: 'x' }]);
    expect(request.warnings.map(({ field }) => field)).toEqual(['generation.messages[1]']);
  });

  it("a custom tool's text is the member of an object", () => {
    const custom = { kind: { case: 'toolCall', value: { id: 't', name: 't', input: { case: 'text', value: '' } } } };
    const frames = built(
      started,
      begin(0, custom),
      add(0, { case: 'text', value: 'a"' }),
      add(0, { case: 'text', value: 'b' }),
      done(0),
      finished(FinishReason.TOOL_CALLS),
    );
    expect(readFrames(frames).tools).toEqual([['t', { input: 'a"b' }]]);
  });

  it("another provider's own tools are not the caller's to run", () => {
    const own = {
      kind: { case: 'toolCall', value: { id: 't', name: 't', providerExecuted: true, type: 'web_search_call' } },
    };
    expect(readFrames(built(started, begin(0, own), done(0), finished(FinishReason.STOP))).blocks).toBe(0);
  });
});

describe.skipIf(!hasFixtures)('a stream that is relayed in part', () => {
  it.each(streams)('$name says the same from wherever its events are rebuilt', ({ chunks }) => {
    const steps = decodeAll(chunks);
    const wanted = readMessage(collect(chunks.map((data) => JSON.parse(data))));
    for (let from = 0; from <= steps.length; from += Math.max(1, Math.floor(steps.length / 25))) {
      const mixed = steps.map((step, at) => (at < from ? step : { events: step.events }));
      expect(readFrames(encodeAll(mixed))).toEqual(wanted);
    }
  });
});
