import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatResponse } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { Frame } from '../../server/dialects/dialect.ts';
import { decodeSse } from '../../server/upstream/sse-decoder.ts';
import { encodeSseFrame } from '../../server/upstream/sse-encoder.ts';
import { door, provider } from './support/codecs.ts';
import { collectEvents } from './support/collect-events.ts';
import { DONE, decodeAll, encodeAll, eventsOf, frame } from './support/drive.ts';
import { answers, FIXTURES_NOTE, hasFixtures, streams } from './support/recordings.ts';

/** What an answer holds besides the text and calls that openai-chat-recordings.test.ts reads. */
interface Content {
  readonly thoughts: string;
  readonly sources: readonly string[];
  readonly cached: number | undefined;
  readonly reasoning: number | undefined;
}

function readCanonical({ choices, usage }: ChatResponse): Content {
  const parts = choices[0]?.parts ?? [];
  const annotations = parts.flatMap(({ kind }) => (kind.case === 'text' ? kind.value.annotations : []));
  return {
    thoughts: parts.map(({ kind }) => (kind.case === 'reasoning' ? kind.value.text : '')).join(''),
    sources: annotations.flatMap(({ kind }) => (kind.case === 'urlCitation' ? [kind.value.url] : [])),
    cached: usage?.cacheReadTokens,
    reasoning: usage?.reasoningTokens,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a reading of foreign JSON without help of the code under test
type Json = any;

const thoughtsOf = (message: Json): string => {
  const listed = Array.isArray(message?.content) ? message.content : [];
  const thinking = listed.flatMap((entry: Json) => (entry.type === 'thinking' ? entry.thinking : []));
  return (message?.reasoning_content ?? message?.reasoning ?? '') + thinking.map((entry: Json) => entry.text).join('');
};

function readWire(messages: readonly Json[], bodies: readonly Json[]): Content {
  const usage = bodies.map((body) => body.usage ?? body.x_groq?.usage).findLast((value) => value);
  return {
    thoughts: messages.map(thoughtsOf).join(''),
    sources: bodies.findLast((body) => body.citations)?.citations ?? [],
    cached: usage?.prompt_tokens_details?.cached_tokens ?? usage?.prompt_cache_hit_tokens ?? usage?.cached_tokens,
    reasoning: usage?.completion_tokens_details?.reasoning_tokens ?? usage?.reasoning_tokens,
  };
}

const known = new Set(['azure', 'groq', 'mistral', 'xai', 'perplexity']);

describe.skipIf(!hasFixtures)(`what recorded answers hold${FIXTURES_NOTE}`, () => {
  it('thoughts and sources are among them', () => {
    const read = answers.map(({ text }) => readCanonical(provider.decodeResponse(text, {}).response));
    expect(read.filter(({ thoughts }) => thoughts !== '').length).toBeGreaterThan(3);
    expect(read.filter(({ sources }) => sources.length > 0).length).toBeGreaterThan(1);
    expect(new Set(streams.map(({ area }) => area)).isSupersetOf(known)).toBe(true);
  });

  it.each(answers)('$name: thoughts, sources and their tokens', ({ text }) => {
    const body = JSON.parse(text);
    const { response } = provider.decodeResponse(text, {});
    expect(readCanonical(response)).toEqual(readWire([body.choices[0].message], [body]));
    const again = provider.decodeResponse(door.encodeResponse({ response }), {}).response;
    expect(readCanonical(again)).toEqual(readCanonical(response));
    expect(again.providerExtrasJson).toEqual(response.providerExtrasJson);
  });

  it.each(streams)('$name: thoughts, sources and their tokens, streamed', ({ chunks }) => {
    const bodies = chunks.map((chunk) => JSON.parse(chunk));
    const messages = bodies.flatMap((body) => (body.choices ?? []).map((choice: Json) => choice.delta));
    const events = eventsOf(decodeAll([...chunks, DONE]));
    expect(readCanonical(collectEvents(events))).toEqual(readWire(messages, bodies));
    const sent = encodeAll(
      events.map((event) => ({ events: [event] })),
      true,
    );
    expect(readCanonical(collectEvents(eventsOf(decodeAll(sent))))).toEqual(readWire(messages, bodies));
  });
});

/** The frames of a body that comes in pieces. */
async function framesOf(pieces: readonly Uint8Array[]): Promise<Frame[]> {
  const frames: Frame[] = [];
  async function* body() {
    yield* pieces;
  }
  for await (const batch of decodeSse(body())) frames.push(...batch);
  return frames;
}

describe.skipIf(!hasFixtures)(`recorded streams cut anywhere${FIXTURES_NOTE}`, () => {
  it.each(streams)('$name says the same at every cut of its bytes', async ({ chunks }) => {
    const data = [...chunks, DONE];
    const bytes = new TextEncoder().encode(data.map((text) => encodeSseFrame(frame(text))).join(''));
    const frames = data.map((text) => frame(text));
    // One byte a piece is a cut at every place at once.
    const single = await framesOf(Array.from(bytes.subarray(0, 40_000), (_, at) => bytes.subarray(at, at + 1)));
    expect(single).toEqual(frames.slice(0, single.length));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (places) => {
        const cuts = [0, ...places.sort((left, right) => left - right), bytes.length];
        const pieces = cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], end));
        expect(await framesOf(pieces)).toEqual(frames);
      }),
      { numRuns: 20 },
    );
  });
});
