import { describe, expect, it } from 'vitest';
import { decodeSse } from '../../../server/upstream/sse-decoder.ts';
import { encodeSseFrame } from '../../../server/upstream/sse-encoder.ts';
import { attemptError } from '../support/drive.ts';
import { validatorOf } from '../support/schema.ts';
import { buildAll, decodeAll, door, encodeAll, eventsOf, frameOf, provider } from './drive.ts';
import { readBody, readEvents, readResponse } from './reading.ts';
import { answers, FIXTURES_NOTE, failed, hasFixtures, refusals, spliced, streams } from './recordings.ts';

/** The whole of a stream: what its terminal event says, with the items as their own events have them. */
function wholeOf(chunks: readonly string[]) {
  const events = chunks.map((chunk) => JSON.parse(chunk));
  const output = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
  return { ...events.at(-1).response, output };
}

describe.skipIf(!hasFixtures)(`recorded responses${FIXTURES_NOTE}`, () => {
  it('there are recordings to judge by, of four kinds of providers', () => {
    expect(answers.length).toBeGreaterThan(20);
    expect(streams.length).toBeGreaterThan(25);
    expect(refusals.length).toBeGreaterThan(1);
  });

  it.each(answers)('$name says what a plain reading says, and goes out as its own text', ({ text }) => {
    const answer = provider.decodeResponse(text, {});
    const { finish, ...wanted } = readBody(JSON.parse(text));
    expect(readResponse(answer.response)).toMatchObject({ ...wanted, finish: finish ?? '' });
    expect(door.encodeResponse(answer)).toBe(text);
  });

  it.each(answers)('$name keeps its meaning when it is rebuilt from the canonical form', ({ text }) => {
    const { response } = provider.decodeResponse(text, {});
    const rebuilt = JSON.parse(door.encodeResponse({ response }));
    expect(readResponse(provider.decodeResponse(JSON.stringify(rebuilt), {}).response)).toEqual(readResponse(response));
    const output = JSON.parse(text).output;
    expect(rebuilt.output.map(({ id }: { id: string }) => id)).toEqual(output.map(({ id }: { id: string }) => id));
  });

  it.each(refusals)('$name is an error that keeps its words', ({ text }) => {
    const inBand = attemptError(() => provider.decodeResponse(text, {}));
    expect(inBand.providerMessage).toBe(JSON.parse(text).error.message);
    const refused = provider.decodeError({ status: 429, headers: {}, text, receivedAtMs: 0 });
    expect(refused.providerMessage).toBe(JSON.parse(text).error.message);
  });
});

describe.skipIf(!hasFixtures)(`recorded streams of responses${FIXTURES_NOTE}`, () => {
  it.each(streams)('$name says what its items and its terminal event say, in well-ordered events', ({ chunks }) => {
    expect(readEvents(eventsOf(decodeAll(chunks)))).toMatchObject(readBody(wholeOf(chunks)));
  });

  it.each(streams)('$name is relayed byte for byte, each frame under its name', ({ chunks }) => {
    expect(encodeAll(decodeAll(chunks))).toEqual(chunks.map(frameOf));
  });

  it.each(streams)('$name keeps its meaning when it is rebuilt from events alone', ({ chunks }) => {
    const events = eventsOf(decodeAll(chunks));
    const frames = buildAll(events);
    const rebuilt = frames.map(({ data }) => data);
    expect(readEvents(eventsOf(decodeAll(rebuilt)))).toEqual(readEvents(events));
    expect(readBody(wholeOf(rebuilt))).toMatchObject(readBody(wholeOf(chunks)));
    expect(JSON.parse(rebuilt.at(-1) ?? '').response.output).toEqual(wholeOf(rebuilt).output);
    expect(frames.map(({ data }) => JSON.parse(data).sequence_number)).toEqual(frames.map((_, at) => at));
    expect(frames.every(({ event, data }) => JSON.parse(data).type === event)).toBe(true);
  });

  it.each(streams)('$name cut after any chunk is INTERRUPTED and never finishes', ({ chunks }) => {
    for (let kept = 0; kept < chunks.length; kept += Math.max(1, Math.floor(chunks.length / 40))) {
      const decoder = provider.createStreamDecoder({});
      const events = chunks.slice(0, kept).flatMap((data) => [...decoder.push(frameOf(data)).events]);
      expect(events.some((event) => event.case === 'finish')).toBe(false);
      expect(attemptError(() => decoder.end()).failure).toBe('INTERRUPTED');
    }
  });

  it.each(streams)('$name reads the same however its bytes are split', async ({ chunks }) => {
    const bytes = Buffer.from(chunks.map((data) => encodeSseFrame(frameOf(data))).join(''));
    const wanted = readEvents(eventsOf(decodeAll(chunks)));
    for (const size of [1, 7, 1000]) {
      if (size === 1 && bytes.length > 40_000) continue;
      const frames: string[] = [];
      for await (const batch of decodeSse(pieces(bytes, size))) frames.push(...batch.map(({ data }) => data));
      expect(readEvents(eventsOf(decodeAll(frames)))).toEqual(wanted);
    }
  });

  it.each(failed)('$name is the error that it says', ({ chunks }) => {
    const error = attemptError(() => decodeAll(chunks));
    expect(error).toMatchObject({ failure: 'CREDENTIAL_REJECTED', providerCode: 'insufficient_quota' });
    expect(error.providerMessage).toContain('exceeded your current quota');
  });

  it.each(spliced)('$name with several answers is the first of them', ({ chunks }) => {
    const end = chunks.findIndex((chunk) => JSON.parse(chunk).type === 'response.completed');
    expect(eventsOf(decodeAll(chunks))).toEqual(eventsOf(decodeAll(chunks.slice(0, end + 1))));
  });
});

describe.skipIf(!hasFixtures)(`what is built from recordings${FIXTURES_NOTE}`, () => {
  const isResponse = hasFixtures ? validatorOf('Response') : undefined;
  const isEvent = hasFixtures ? validatorOf('ResponseStreamEvent') : undefined;

  it.each(answers.filter(({ name }) => /text|phase|file-search|encrypted|pdf/.test(name)))(
    '$name rebuilt is what the reference says',
    ({ text }) => {
      const { response } = provider.decodeResponse(text, {});
      isResponse?.(JSON.parse(door.encodeResponse({ response })));
      expect(isResponse?.errors ?? []).toEqual([]);
    },
  );

  it.each(streams.filter(({ name }) => /azure-text|phase|encrypted|pdf/.test(name)))(
    '$name rebuilt has the events of the reference',
    ({ chunks }) => {
      for (const { data } of buildAll(eventsOf(decodeAll(chunks)))) {
        isEvent?.(JSON.parse(data));
        expect([JSON.parse(data).type, isEvent?.errors ?? []]).toEqual([JSON.parse(data).type, []]);
      }
    },
  );
});

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
