import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatResponse } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Frame } from '../../../server/dialects/dialect.ts';
import { decodeSse } from '../../../server/upstream/sse-decoder.ts';
import { encodeSseFrame } from '../../../server/upstream/sse-encoder.ts';
import { attemptError } from '../support/drive.ts';
import { assertOrder } from '../support/plain-reading.ts';
import {
  answers,
  decodeAll,
  door,
  encodeAll,
  eventsOf,
  FIXTURES_NOTE,
  frameOf,
  hasFixtures,
  provider,
  streams,
} from './drive.ts';
import { collect, type PlainMessage, readMessage } from './plain-message.ts';

/** What a canonical answer says, by its own words. */
function readCanonical({ choices, usage }: ChatResponse): PlainMessage {
  const parts = choices[0]?.parts ?? [];
  const of = <T>(read: (part: (typeof parts)[number]) => T[]): T[] => parts.flatMap(read);
  return {
    text: of(({ kind }) => (kind.case === 'text' ? [kind.value.text] : [])).join(''),
    thoughts: of(({ kind }) => (kind.case === 'reasoning' ? [kind.value.text] : [])).join(''),
    signatures: of(({ kind, signature }) => (kind.case === 'reasoning' ? [signature] : [])).join(''),
    tools: of(({ kind }) =>
      kind.case === 'toolCall' && !kind.value.providerExecuted
        ? [[kind.value.name, JSON.parse(String(kind.value.input.value))] as const]
        : [],
    ),
    citations: of(({ kind }) => (kind.case === 'text' ? kind.value.annotations : [])).length,
    blocks: parts.length,
    stop: choices[0]?.rawFinishReason ?? '',
    input: usage?.inputTokens ?? -1,
    output: usage?.outputTokens ?? -1,
  };
}

/** The events of a stream as the answer that they add up to, by way of the door's own events. */
const rebuilt = (chunks: readonly string[]) =>
  encodeAll(eventsOf(decodeAll(chunks)).map((event) => ({ events: [event] }))).map(({ data }) => JSON.parse(data));

describe.skipIf(!hasFixtures)(`recorded answers${FIXTURES_NOTE}`, () => {
  it('there are recordings to judge by', () => {
    expect(answers.length).toBeGreaterThan(8);
    expect(streams.length).toBeGreaterThan(8);
  });

  it.each(answers)('$name says what a plain reading says, and goes out as its own text', ({ text }) => {
    const answer = provider.decodeResponse(text, {});
    expect(readCanonical(answer.response)).toEqual(readMessage(JSON.parse(text)));
    expect(door.encodeResponse(answer)).toBe(text);
  });

  it.each(answers)('$name keeps every block when it is rebuilt from the canonical form', ({ text }) => {
    const { response } = provider.decodeResponse(text, {});
    const body = JSON.parse(door.encodeResponse({ response }));
    const original = JSON.parse(text);
    expect(readMessage(body)).toEqual(readMessage(original));
    expect(body.content.map(({ type }: { type: string }) => type)).toEqual(
      original.content.map(({ type }: { type: string }) => type),
    );
    for (const name of ['context_management', 'stop_details'])
      expect(body[name] ?? null).toEqual(original[name] ?? null);
    expect(body.usage.iterations).toEqual(original.usage.iterations);
  });
});

describe.skipIf(!hasFixtures)(`recorded streams${FIXTURES_NOTE}`, () => {
  it.each(streams)('$name says what a plain reading says, in well-ordered events', ({ chunks }) => {
    assertOrder(eventsOf(decodeAll(chunks)));
    const wanted = readMessage(collect(chunks.map((text) => JSON.parse(text))));
    expect(readMessage(collect(rebuilt(chunks)))).toEqual(wanted);
  });

  it.each(streams)('$name is relayed byte for byte, with nothing after its end', ({ chunks, all }) => {
    const sent = encodeAll(decodeAll(all));
    expect(sent).toEqual(chunks.map(frameOf));
  });

  it.each(streams)('$name reads the same wherever its bytes are cut', async ({ all }) => {
    const bytes = Buffer.from(all.map((data) => encodeSseFrame(frameOf(data))).join(''));
    const wanted = all.map(frameOf);
    expect(await framesOf([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(wanted);
    const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const at = [0, ...places.toSorted((left, right) => left - right), bytes.length];
        expect(await framesOf(at.slice(1).map((end, index) => bytes.subarray(at[index], end)))).toEqual(wanted);
      }),
      { numRuns: 20 },
    );
  });

  it.each(streams)('$name cut before its end is INTERRUPTED and never finishes', ({ chunks }) => {
    for (let kept = 0; kept < chunks.length; kept += 1) {
      const decoder = provider.createStreamDecoder({});
      const events = chunks.slice(0, kept).flatMap((data) => [...decoder.push(frameOf(data)).events]);
      expect(events.some((event) => event.case === 'finish')).toBe(false);
      expect(attemptError(() => decoder.end()).failure).toBe('INTERRUPTED');
    }
  });
});

async function framesOf(chunks: readonly Uint8Array[]): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const some of decodeSse(streamOf(chunks))) frames.push(...some);
  return frames;
}

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
