import { create, equals } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChatResponse, ChatResponseSchema, FinishReason } from '../../gen/sluice/v1/chat_service_pb.ts';
import { type Part, PartSchema } from '../../gen/sluice/v1/content_pb.ts';
import { UsageSource } from '../../gen/sluice/v1/usage_pb.ts';
import type { ChatEvent } from '../../server/dialects/dialect.ts';
import { door, provider } from './support/codecs.ts';
import { collectEvents } from './support/collect-events.ts';
import { DONE, decodeAll, encodeAll, eventsOf } from './support/drive.ts';

/**
 * Answers that the format can carry: thoughts, which have an origin all or none, then one text with citations whose places
 * are known, a refusal, a picture, calls. Signatures of texts and calls are Gemini's.
 */
const word = fc.string({ minLength: 1, maxLength: 12 });
const json = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.integer()).map((value) => JSON.stringify(value));
const thought = (origin: string) =>
  fc.oneof(
    fc
      .record({
        text: word,
        summary: fc.boolean(),
        signature: origin === '' ? fc.constant('') : fc.constantFrom('', 'sig'),
      })
      .map(({ signature, ...value }) => ({ kind: { case: 'reasoning' as const, value }, signature, origin })),
    ...(origin === ''
      ? []
      : [
          fc
            .record({ redactedData: word, itemId: fc.constantFrom('', 'rs_1') })
            .filter(({ itemId }) => !(origin === 'gemini' && itemId !== ''))
            .map(({ redactedData, itemId }) => ({
              kind: { case: 'reasoning' as const, value: { redactedData } },
              itemId,
              origin,
            })),
        ]),
  );
const thoughts = fc
  .constantFrom('', 'anthropic-messages', 'gemini', 'openai-responses', 'openai-chat', 'xai-responses-v1')
  .chain((origin) => fc.array(thought(origin), { maxLength: origin === '' ? 1 : 3 }))
  .filter((list) =>
    list.every(({ origin, kind }) => origin !== '' || !('summary' in kind.value && kind.value.summary)),
  );
const citation = fc.record({ url: fc.webUrl(), title: word }).map((value) => ({
  kind: { case: 'urlCitation' as const, value },
  startIndex: 0,
  endIndex: 1,
}));
const proof = fc.constantFrom({}, { signature: 'g', origin: 'openai-chat' });
const text = fc.tuple(word, fc.array(citation, { maxLength: 2 }), proof).map(([value, annotations, signed]) => ({
  kind: { case: 'text' as const, value: { text: value, annotations } },
  ...signed,
}));
const refusal = word.map((value) => ({ kind: { case: 'refusal' as const, value: { text: value } } }));
const image = fc.webUrl().map((url) => ({
  kind: { case: 'image' as const, value: { source: { location: { case: 'url' as const, value: url } } } },
}));
const call = fc.tuple(word, json, fc.boolean(), proof).map(([name, input, custom, signed]) => ({
  kind: {
    case: 'toolCall' as const,
    value: { name, input: { case: custom ? ('text' as const) : ('argumentsJson' as const), value: input } },
  },
  ...signed,
}));
const parts = fc
  .tuple(
    thoughts,
    fc.array(text, { maxLength: 1 }),
    fc.array(refusal, { maxLength: 1 }),
    fc.array(image, { maxLength: 2 }),
    fc.array(call, { maxLength: 3 }),
  )
  .map((groups) => groups.flat().map((init) => create(PartSchema, init as never)))
  .map((list) => list.map(named));

/** Ids of calls are told apart. */
function named(part: Part, at: number): Part {
  if (part.kind.case === 'toolCall') part.kind.value.id = `c${at}`;
  return part;
}

const answer = fc
  .record({
    parts,
    id: word,
    model: word,
    seconds: fc.integer({ min: 0, max: 2 ** 31 }),
    usage: fc.record({ inputTokens: fc.nat(), outputTokens: fc.nat(), cacheReadTokens: fc.nat() }),
    tier: fc.constantFrom('', 'default'),
    extras: fc.constantFrom({}, { 'openai-chat': '{"related_questions":["a"]}' }),
  })
  .map(({ parts: list, id, model, seconds, usage, tier, extras }) =>
    create(ChatResponseSchema, {
      id,
      model,
      createTime: { seconds: BigInt(seconds) },
      choices: [{ index: 0, parts: list, finishReason: FinishReason.STOP, rawFinishReason: 'stop' }],
      usage: { ...usage, source: UsageSource.PROVIDER },
      serviceTier: tier,
      providerExtrasJson: extras,
    }),
  );

/** A delta has no word for whose a signature is, so that of a text that has begun already comes without it. */
function withoutOrigin(response: ChatResponse): ChatResponse {
  for (const part of response.choices.flatMap((choice) => choice.parts)) {
    if (part.kind.case === 'text' && part.signature !== '') part.origin = '';
  }
  return response;
}

const same = (got: ChatResponse, wanted: ChatResponse): void => {
  if (!equals(ChatResponseSchema, got, wanted)) expect(got).toEqual(wanted);
};

describe('the law of the answer', () => {
  it('what is encoded is decoded again, for all that the format can carry', () => {
    fc.assert(
      fc.property(answer, (wanted) => {
        same(provider.decodeResponse(door.encodeResponse({ response: wanted }), {}).response, wanted);
      }),
      { numRuns: 400 },
    );
  });

  it('a stream says what the whole answer says, however its texts are cut', () => {
    fc.assert(
      fc.property(answer, fc.integer({ min: 1, max: 5 }), (wanted, size) => {
        const chunks = chunksOf(door.encodeResponse({ response: wanted }), size);
        same(collectEvents(eventsOf(decodeAll([...chunks, DONE]))), withoutOrigin(wanted));
      }),
      { numRuns: 400 },
    );
  });

  it('a stream that is built from events alone says what they say', () => {
    fc.assert(
      fc.property(answer, fc.integer({ min: 1, max: 5 }), (wanted, size) => {
        const events = eventsOf(decodeAll([...chunksOf(door.encodeResponse({ response: wanted }), size), DONE]));
        const sent = encodeAll(
          events.map((event: ChatEvent) => ({ events: [event] })),
          true,
        );
        same(collectEvents(eventsOf(decodeAll(sent))), withoutOrigin(wanted));
      }),
      { numRuns: 400 },
    );
  });
});

const PIECES = ['content', 'refusal', 'reasoning_content'] as const;

// biome-ignore lint/suspicious/noExplicitAny: foreign JSON
type Json = any;

/** A whole answer as a server of the format would stream it, with texts and arguments in pieces of such a size. */
function chunksOf(text: string, size: number): string[] {
  const { choices, usage, ...head } = JSON.parse(text);
  const { role: _, ...message } = choices[0].message;
  const deltas: Json[] = [{ role: 'assistant', content: '' }];
  const details = message.reasoning_details as Json[] | undefined;
  for (const detail of details ?? []) {
    const key = detail.type === 'reasoning.summary' ? 'summary' : 'text';
    const { signature, [key]: words = '', ...rest } = detail;
    if (detail.data !== undefined) deltas.push({ reasoning_details: [detail] });
    else {
      for (const piece of cut(words, size)) {
        deltas.push({ reasoning_content: piece, reasoning_details: [{ ...rest, [key]: piece }] });
      }
      if (signature) deltas.push({ reasoning_details: [{ ...rest, [key]: '', signature }] });
    }
  }
  for (const key of ['reasoning_content', 'content', 'refusal'] satisfies (typeof PIECES)[number][]) {
    if (key === 'reasoning_content' && details !== undefined) continue;
    for (const piece of cut(message[key] ?? '', size)) deltas.push({ [key]: piece });
    if (key === 'content' && message.extra_content) deltas.push({ extra_content: message.extra_content });
    if (key === 'content' && message.annotations) deltas.push({ annotations: message.annotations });
  }
  if (message.images) deltas.push({ images: message.images });
  for (const [index, call] of (message.tool_calls ?? []).entries()) {
    const { type } = call;
    const key = type === 'custom' ? 'input' : 'arguments';
    deltas.push({ tool_calls: [{ ...call, index, [type]: { ...call[type], [key]: '' } }] });
    for (const piece of cut(call[type][key], size)) deltas.push({ tool_calls: [{ index, [type]: { [key]: piece } }] });
  }
  return [
    ...deltas.map((delta) => JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: null }] })),
    JSON.stringify({ ...head, choices: [{ index: 0, delta: {}, finish_reason: choices[0].finish_reason }] }),
    JSON.stringify({ ...head, choices: [], usage }),
  ];
}

const cut = (text: string, size: number): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
