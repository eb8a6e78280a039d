import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ChatResponseSchema,
  FinishReason,
  PartDeltaSchema,
  PartEndSchema,
  PartStartSchema,
  StreamFinishSchema,
  StreamStartSchema,
} from '../../../gen/sluice/v1/chat_service_pb.ts';
import { PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { ChatEvent } from '../../../server/dialects/dialect.ts';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { buildAll, decodeAll, door, encodeAll, eventsOf, frameOf, provider } from './drive.ts';
import { collectParts } from './reading.ts';

const event = (type: string, more: object = {}): string => JSON.stringify({ type, ...more });
const created = event('response.created', {
  response: { id: 'r', model: 'm', created_at: 7.5, status: 'in_progress', output: [] },
});
const completed = (more: object = {}): string =>
  event('response.completed', { response: { id: 'r', status: 'completed', output: [], ...more } });
const added = (at: number, item: object): string => event('response.output_item.added', { output_index: at, item });
const delta = (text: string, at = 0): string =>
  event('response.output_text.delta', { output_index: at, content_index: 0, delta: text });
const message = (at = 0): string => added(at, { type: 'message', id: `msg_${at}`, role: 'assistant', content: [] });

describe('a stream for the caller', () => {
  it('breaks off with an error that SDKs throw by, numbered on, and with nothing after it', () => {
    const encoder = door.createStreamEncoder({ includeUsage: true });
    const decoder = provider.createStreamDecoder({});
    for (const [at, data] of [created, message(), delta('a')].entries()) {
      encoder.encode(decoder.push(frameOf(JSON.stringify({ ...JSON.parse(data), sequence_number: at }))));
    }
    const frames = encoder.encodeError(new SluiceError('STREAM_INTERRUPTED', 'It broke.'));
    expect(frames.map(({ event: name }) => name)).toEqual(['error']);
    const told = { message: 'It broke.', code: 'stream_interrupted', param: null };
    expect(JSON.parse(frames[0]?.data ?? '')).toEqual({
      type: 'error',
      ...told,
      error: { ...told, type: 'server_error' },
      sequence_number: 3,
    });
    expect(encoder.encodeError(new SluiceError('INTERNAL', 'x'))).toEqual([]);
    expect(encoder.encode(decoder.push(frameOf(delta('b'))))).toEqual([]);
  });

  it('relays a whole answer once: nothing is built beside it', () => {
    const chunks = [created, message(), delta('a'), completed()];
    expect(encodeAll(decodeAll(chunks)).map(({ data }) => data)).toEqual(chunks);
  });

  const word = fc.string({ minLength: 1, maxLength: 12 });
  const part = fc.oneof(
    fc
      .tuple(fc.constantFrom('text' as const, 'refusal' as const), word)
      .map(([name, text]) => ({ kind: { case: name, value: { text } } })),
    fc
      .tuple(word, fc.boolean())
      .map(([text, summary]) => ({ kind: { case: 'reasoning' as const, value: { text, summary } } })),
    fc.tuple(word, word, fc.boolean()).map(([id, name, custom]) => ({
      kind: {
        case: 'toolCall' as const,
        value: {
          id,
          name,
          input: { case: custom ? ('text' as const) : ('argumentsJson' as const), value: '{"a":"ü"}' },
        },
      },
    })),
  );

  /** The events of parts in pieces of two characters. */
  function streamOf(parts: readonly ReturnType<typeof create<typeof PartSchema>>[]): ChatEvent[] {
    const events: ChatEvent[] = [{ case: 'start', value: create(StreamStartSchema, { id: 'r', model: 'm' }) }];
    for (const [index, whole] of parts.entries()) {
      const { kind } = whole;
      const text =
        kind.case === 'toolCall'
          ? (kind.value.input.value ?? '')
          : kind.case === 'raw'
            ? ''
            : (kind.value as { text: string }).text;
      const empty = structuredClone(whole);
      if (empty.kind.case === 'toolCall') empty.kind.value.input.value = '';
      else (empty.kind.value as { text: string }).text = '';
      events.push({ case: 'partStart', value: create(PartStartSchema, { index, part: empty }) });
      const name = kind.case === 'toolCall' && kind.value.input.case === 'argumentsJson' ? 'argumentsJson' : 'text';
      for (let at = 0; at < text.length; at += 2) {
        const value = text.slice(at, at + 2);
        events.push({ case: 'partDelta', value: create(PartDeltaSchema, { index, delta: { case: name, value } }) });
      }
      events.push({ case: 'partEnd', value: create(PartEndSchema, { index }) });
    }
    const choices = [{ choice: 0, reason: FinishReason.STOP }];
    return [...events, { case: 'finish', value: create(StreamFinishSchema, { choices }) }];
  }

  it('of another format ends with the very response that comes in one piece, and its events say the same', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (init) => {
        const parts = init.map((each) => create(PartSchema, each));
        const frames = buildAll(streamOf(parts));
        const wire = frames.map(({ data }) => JSON.parse(data));
        const { response: last } = wire.at(-1);
        const choices = [{ index: 0, parts, finishReason: FinishReason.STOP }];
        const response = create(ChatResponseSchema, { id: 'r', model: 'm', choices });
        expect(last).toEqual(JSON.parse(door.encodeResponse({ response })));
        expect(wire.map(({ sequence_number }) => sequence_number)).toEqual(wire.map((_, at) => at));
        const items = wire.filter(({ type }) => type === 'response.output_item.done');
        expect(items.toSorted((left, right) => left.output_index - right.output_index).map(({ item }) => item)).toEqual(
          last.output,
        );
        const again = collectParts(eventsOf(decodeAll(frames.map(({ data }) => data))));
        expect(again.map(({ kind }) => kind)).toEqual(parts.map(({ kind }) => kind));
        expect(new Set(last.output.map(({ id }: { id: string }) => id)).size).toBe(last.output.length);
      }),
    );
  });

  it('gives every function arguments that are JSON', () => {
    const call = { kind: { case: 'toolCall' as const, value: { id: 'c', name: 'f' } } };
    const wire = buildAll(streamOf([create(PartSchema, call)])).map(({ data }) => JSON.parse(data));
    expect(wire.find(({ type }) => type === 'response.function_call_arguments.done')).toMatchObject({
      arguments: '{}',
    });
    expect(wire.at(-1).response.output).toMatchObject([{ type: 'function_call', call_id: 'c', arguments: '{}' }]);
  });

  it('keeps what grows side by side in items of its own', () => {
    const start = (index: number, kind: object): ChatEvent => ({
      case: 'partStart',
      value: create(PartStartSchema, { index, part: create(PartSchema, { kind: kind as never }) }),
    });
    const grow = (index: number, value: string): ChatEvent => ({
      case: 'partDelta',
      value: create(PartDeltaSchema, { index, delta: { case: 'text', value } }),
    });
    const finish: ChatEvent = {
      case: 'finish',
      value: create(StreamFinishSchema, { choices: [{ choice: 0, reason: FinishReason.LENGTH }] }),
    };
    const frames = buildAll([
      { case: 'start', value: create(StreamStartSchema, { id: 'r' }) },
      start(0, { case: 'reasoning', value: {} }),
      start(1, { case: 'text', value: {} }),
      grow(1, 'a'),
      grow(0, 'hm'),
      grow(1, 'b'),
      finish,
    ]);
    const last = JSON.parse(frames.at(-1)?.data ?? '');
    expect(last).toMatchObject({
      type: 'response.incomplete',
      response: {
        output: [
          { type: 'reasoning', content: [{ text: 'hm' }] },
          { type: 'message', status: 'incomplete', content: [{ text: 'ab' }] },
        ],
      },
    });
  });

  it('shows pictures as what the tool for pictures makes', () => {
    const source = { location: { case: 'data' as const, value: new Uint8Array([1, 2]) }, mediaType: 'image/png' };
    const parts = [{ kind: { case: 'image' as const, value: { source } } }];
    const response = create(ChatResponseSchema, { id: 'r', choices: [{ parts, finishReason: FinishReason.STOP }] });
    expect(JSON.parse(door.encodeResponse({ response })).output).toEqual([
      { id: 'ig_r_0', type: 'image_generation_call', status: 'completed', result: 'AQI=' },
    ]);
  });

  it('gives callers what another format signs and encrypts where they send it back unread', () => {
    const parts = [
      {
        kind: { case: 'reasoning' as const, value: { text: 'Hm' } },
        signature: 'secret',
        origin: 'anthropic-messages',
      },
      { kind: { case: 'reasoning' as const, value: { redactedData: 'secret' } }, origin: 'anthropic-messages' },
      { kind: { case: 'toolCall' as const, value: { id: 'c', name: 'n', providerExecuted: true } } },
    ];
    const response = create(ChatResponseSchema, { id: 'r', choices: [{ parts, finishReason: FinishReason.STOP }] });
    const { output } = JSON.parse(door.encodeResponse({ response }));
    expect(output).toMatchObject([
      { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'Hm' }] },
      { type: 'reasoning', summary: [] },
    ]);
    const input = [...output, { role: 'user', content: 'go on' }];
    const { generation, wire } = door.decodeRequest({ model: 'm', input });
    expect(generation.messages[0]?.parts).toMatchObject(parts.slice(0, 2));
    // Providers of this format could not read it.
    const target = { provider: 'p', model: 'm', quirks: {}, stream: false, wire };
    const { body, warnings } = provider.encodeRequest(generation, target);
    expect(body.input).toEqual([{ role: 'user', content: 'go on' }]);
    expect(warnings.map(({ field }) => field)).toEqual(['generation.messages']);
  });
});
