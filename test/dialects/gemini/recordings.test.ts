import { describe, expect, it } from 'vitest';
import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { decodeSse } from '../../../server/upstream/sse-decoder.ts';
import { readEvents, readResponse } from '../support/plain-reading.ts';
import {
  answers,
  attemptError,
  decodeAll,
  door,
  encodeAll,
  eventsOf,
  FIXTURES_NOTE,
  frame,
  hasFixtures,
  provider,
  rateLimited,
  streams,
  withoutWire,
} from './drive.ts';
import { readChunks } from './plain-candidate.ts';

describe.skipIf(!hasFixtures)(`recorded answers${FIXTURES_NOTE}`, () => {
  it('there are recordings to judge by', () => {
    expect(answers.length).toBeGreaterThanOrEqual(2);
    expect(streams.length).toBeGreaterThanOrEqual(4);
  });

  it.each(answers)('$name says what a plain reading says, and goes out as its own text', ({ name, text }) => {
    const answer = provider.decodeResponse(text, {});
    expect(readResponse(answer.response)).toEqual(readChunks([JSON.parse(text)], name));
    expect(door.encodeResponse(answer)).toBe(text);
  });

  it.each(answers)('$name keeps its meaning and its signatures when it is rebuilt', ({ text }) => {
    const { response } = provider.decodeResponse(text, {});
    const rebuilt = JSON.parse(door.encodeResponse({ response }));
    expect(rebuilt.candidates[0].content).toEqual(JSON.parse(text).candidates[0].content);
    expect(readResponse(provider.decodeResponse(JSON.stringify(rebuilt), {}).response)).toEqual(readResponse(response));
  });

  it('calls of functions end an answer as calls, whatever the format says', () => {
    const called = answers.find(({ name }) => name === 'google-tool-call.json');
    const { response } = provider.decodeResponse(called?.text ?? '', {});
    expect(response.choices[0]).toMatchObject({ finishReason: FinishReason.TOOL_CALLS, rawFinishReason: 'STOP' });
    expect(response.usage).toMatchObject({ inputTokens: 29, outputTokens: 908, reasoningTokens: 893 });
  });
});

describe.skipIf(!hasFixtures)(`recorded streams${FIXTURES_NOTE}`, () => {
  it.each(streams)('$name says what a plain reading says, in well-ordered events', ({ name, chunks }) => {
    const reading = readEvents(eventsOf(decodeAll(chunks)));
    expect(reading).toEqual(
      readChunks(
        chunks.map((text) => JSON.parse(text)),
        name,
      ),
    );
  });

  it.each(streams)('$name is relayed byte for byte, and nothing is added', ({ chunks }) => {
    expect(encodeAll(decodeAll(chunks))).toEqual(chunks);
  });

  it.each(streams)('$name keeps its meaning when it is rebuilt from events alone', ({ chunks }) => {
    const events = eventsOf(decodeAll(chunks));
    const sent = encodeAll(withoutWire(events));
    expect(readEvents(eventsOf(decodeAll(sent)))).toEqual(readEvents(events));
  });

  it.each(streams)('$name keeps every signature when it is rebuilt', ({ chunks }) => {
    const signatures = (list: readonly string[]) =>
      list.flatMap((text) =>
        (JSON.parse(text).candidates[0]?.content?.parts ?? []).flatMap(
          (part: { thoughtSignature?: string }) => part.thoughtSignature ?? [],
        ),
      );
    expect(signatures(encodeAll(withoutWire(eventsOf(decodeAll(chunks)))))).toEqual(signatures(chunks));
  });

  it.each(streams)('$name cut before its last chunk is INTERRUPTED and never finishes', ({ chunks }) => {
    for (let kept = 0; kept < chunks.length; kept += 1) {
      const decoder = provider.createStreamDecoder({});
      const events = chunks.slice(0, kept).flatMap((data) => [...decoder.push(frame(data)).events]);
      expect(events.some((event) => event.case === 'finish')).toBe(false);
      expect(decoder.terminated).toBe(false);
      expect(attemptError(() => decoder.end()).failure).toBe('INTERRUPTED');
    }
  });

  it.each(streams)('$name says the same however its bytes are split', async ({ chunks }) => {
    const bytes = Buffer.from(chunks.map((text) => `data: ${text}\r\n\r\n`).join(''), 'utf8');
    const whole = eventsOf(decodeAll(chunks));
    const step = Math.max(1, Math.floor(bytes.length / 300));
    for (let at = 0; at <= bytes.length; at += step) {
      const data: string[] = [];
      for await (const frames of decodeSse(pieces(bytes, at))) data.push(...frames.map((each) => each.data));
      expect(data).toEqual(chunks);
    }
    expect(readEvents(whole).finish).toBe('STOP');
  });
});

async function* pieces(bytes: Buffer, at: number): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, at);
  yield bytes.subarray(at);
}

describe.skipIf(!hasFixtures)(`a recorded refusal${FIXTURES_NOTE}`, () => {
  it('waits as long as its RetryInfo asks', () => {
    const error = provider.decodeError({ status: 429, headers: {}, text: rateLimited, receivedAtMs: 0 });
    expect(error).toMatchObject({ failure: 'RATE_LIMITED', retryAfterMs: 34_400, providerCode: 'RESOURCE_EXHAUSTED' });
  });
});
