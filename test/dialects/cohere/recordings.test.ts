import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../server/dialects/dialect.ts';
import { decodeSse } from '../../../server/upstream/sse-decoder.ts';
import { encodeSseFrame } from '../../../server/upstream/sse-encoder.ts';
import { collectEvents } from '../support/collect-events.ts';
import { attemptError } from '../support/drive.ts';
import {
  answers,
  decodeAll,
  door,
  encodeAll,
  eventsOf,
  FIXTURES_NOTE,
  hasFixtures,
  provider,
  readAnswer,
  streams,
} from './drive.ts';

const PLAN =
  'reasoning I will use the weather tool to find out the weather in San Francisco. I will also use the ' +
  'cityAttractions tool to find out what attractions are in San Francisco.';

const ANSWERS: Readonly<Record<string, ReturnType<typeof readAnswer>>> = {
  citations: {
    id: '68475c80-574b-4c65-98a4-e81cebab5dce',
    parts: [
      'text The key benefits mentioned in this document are:\n1. Automation of tasks\n2. Better decision-making\n3. Cost reduction',
    ],
    finish: 'STOP COMPLETE',
    tokens: [1683, 62, 992],
  },
  'max-tokens': {
    id: '039584d9-7236-4ecb-9dd7-f1bed57888bc',
    parts: ['text **The History of'],
    finish: 'LENGTH MAX_TOKENS',
    tokens: [506, 5, 448],
  },
  'null-args': {
    id: '316f0604-ff50-49f6-ba38-c64616e972b4',
    parts: [
      'reasoning I will use the currentTime tool to find the current time.',
      'call currentTime_tf4dywn8wgnk currentTime {}',
    ],
    finish: 'TOOL_CALLS TOOL_CALL',
    tokens: [1445, 43, 992],
  },
  text: {
    id: 'e7592632-1e3d-424f-b129-bd5f9f980f7b',
    parts: ['text The capital of France is Paris.'],
    finish: 'STOP COMPLETE',
    tokens: [507, 10, 448],
  },
  'tool-call': {
    id: 'f201af17-e24a-4396-8f6a-98e8bf9c3432',
    parts: [
      PLAN,
      'call weather_dqgshstja6p9 weather {"location":"San Francisco"}',
      'call cityAttractions_dcxfx4myvx68 cityAttractions {"city":"San Francisco"}',
    ],
    finish: 'TOOL_CALLS TOOL_CALL',
    tokens: [1549, 103, 992],
  },
};

const STREAMS: Readonly<Record<string, ReturnType<typeof readAnswer>>> = {
  text: {
    id: '321d178c-2c12-44d3-ae42-2f5510f6b1cc',
    parts: ['text The capital of France is Paris.'],
    finish: 'STOP COMPLETE',
    tokens: [507, 10, 448],
  },
  'tool-call': {
    id: '2941521a-b87a-45f6-9b0d-235fd66c3025',
    parts: [
      'reasoning I will use the weather tool to find the weather in San Francisco and the cityAttractions tool to find attractions in San Francisco.',
      'call weather_e8p4pn45zt0t weather {"location": "San Francisco"}',
      'call cityAttractions_pyxssbwnq9fq cityAttractions {"city": "San Francisco"}',
    ],
    finish: 'TOOL_CALLS TOOL_CALL',
    tokens: [1549, 95, 1504],
  },
};

describe.skipIf(!hasFixtures)(`recorded answers${FIXTURES_NOTE}`, () => {
  it('are all judged', () => {
    expect(answers.map(({ name }) => name).sort()).toEqual(Object.keys(ANSWERS).sort());
    expect(streams.map(({ name }) => name).sort()).toEqual(Object.keys(STREAMS).sort());
  });

  it.each(answers)('$name says what it said, and goes out as its own text', ({ name, text }) => {
    const answer = provider.decodeResponse(text, {});
    expect(readAnswer(answer.response)).toEqual(ANSWERS[name]);
    expect(door.encodeResponse(answer)).toBe(text);
  });

  it.each(answers)('$name keeps its meaning when it is rebuilt from the canonical form', ({ text }) => {
    const { response } = provider.decodeResponse(text, {});
    const rebuilt = provider.decodeResponse(door.encodeResponse({ response }), {}).response;
    expect(readAnswer(rebuilt)).toEqual(readAnswer(response));
    expect(rebuilt.choices[0]?.parts).toEqual(response.choices[0]?.parts);
  });

  it('keep the places and sources of citations, and the units that were billed', () => {
    const { text = '' } = answers.find(({ name }) => name === 'citations') ?? {};
    const { choices, providerExtrasJson } = provider.decodeResponse(text, {}).response;
    const { value } = choices[0]?.parts[0]?.kind ?? {};
    const source = { case: 'documentCitation', value: { fileId: 'doc:0', title: 'benefits.txt' } };
    expect(value).toMatchObject({
      annotations: [
        { startIndex: 52, endIndex: 71, kind: source },
        { startIndex: 75, endIndex: 97, kind: source },
        { startIndex: 101, endIndex: 115, kind: source },
      ],
    });
    expect(JSON.parse(providerExtrasJson['cohere'] ?? '')).toEqual({
      usage: { billed_units: { input_tokens: 39, output_tokens: 27 } },
    });
  });
});

async function* bodyOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function framed(pieces: readonly Uint8Array[]): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const batch of decodeSse(bodyOf(pieces))) frames.push(...batch);
  return frames;
}

describe.skipIf(!hasFixtures)(`recorded streams${FIXTURES_NOTE}`, () => {
  it.each(streams)('$name says what it said, in well-ordered events', ({ name, frames }) => {
    expect(readAnswer(collectEvents(eventsOf(decodeAll(frames))))).toEqual(STREAMS[name]);
  });

  it.each(streams)('$name is relayed byte for byte', ({ frames }) => {
    expect(encodeAll(decodeAll(frames))).toEqual(frames);
  });

  it.each(streams)('$name keeps its meaning when it is rebuilt from events alone', ({ name, frames }) => {
    const sent = encodeAll(eventsOf(decodeAll(frames)).map((event) => ({ events: [event] })));
    expect(readAnswer(collectEvents(eventsOf(decodeAll(sent))))).toEqual(STREAMS[name]);
  });

  it.each(streams)('$name reads the same wherever its bytes are cut', async ({ frames }) => {
    const bytes = Buffer.from(frames.map(encodeSseFrame).join(''));
    const wanted = JSON.stringify(frames);
    for (let at = 0; at <= bytes.length; at += 1) {
      const got = await framed([bytes.subarray(0, at), bytes.subarray(at)]);
      if (JSON.stringify(got) !== wanted) expect(got, `cut at ${at}`).toEqual(frames);
    }
    const size = fc.integer({ min: 1, max: 50 });
    await fc.assert(
      fc.asyncProperty(size, async (length) => {
        const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
          bytes.subarray(index * length, (index + 1) * length),
        );
        expect(await framed(pieces)).toEqual(frames);
      }),
      { numRuns: 20 },
    );
  });

  it.each(streams)('$name cut before message-end is INTERRUPTED and never finishes', ({ frames }) => {
    for (let kept = 0; kept < frames.length; kept += 1) {
      const decoder = provider.createStreamDecoder({});
      const events = frames.slice(0, kept).flatMap((frame) => [...decoder.push(frame).events]);
      expect(events.some((event) => event.case === 'finish')).toBe(false);
      expect(attemptError(() => decoder.end()).failure).toBe('INTERRUPTED');
    }
  });
});
