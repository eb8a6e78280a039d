import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { FinishReason } from '../../gen/sluice/v1/chat_service_pb.ts';
import { PartSchema } from '../../gen/sluice/v1/content_pb.ts';
import { WarningCode } from '../../gen/sluice/v1/decision_pb.ts';
import { createStreamLosses, responseLosses } from '../../server/dialects/answer-losses.ts';
import type { ChatDialectName, ChatEvent } from '../../server/dialects/dialect.ts';
import { ANSWER_PARTS, answerOf, eventsOf } from './answer-parts.ts';
import { DOORS, type DoorCase } from './codecs.ts';

/** What a caller of a door sees of a stream, and what it is told of. */
function streamed({ codec }: DoorCase, events: readonly ChatEvent[]) {
  const encoder = codec.createStreamEncoder({ includeUsage: true });
  const losses = createStreamLosses(codec);
  const frames = events.flatMap((event) => {
    losses.note({ events: [event] });
    return encoder.encode({ events: [event] });
  });
  return { body: frames.map(({ data }) => data).join('\n'), warnings: losses.warnings };
}

/** Tells what a body shows, however it is escaped. */
const shows = (body: string, trace: RegExp): boolean => trace.test(body.replaceAll('\\', ''));

describe.each(DOORS)('an answer at the door of $dialect', (door) => {
  const { codec, dialect } = door;
  it.each(ANSWER_PARTS)('shows, or tells that it does not: $name', ({ part, trace }) => {
    const response = answerOf(part);
    const told = responseLosses(codec, { response });
    const lost = told.filter(({ code }) => code === WarningCode.DROPPED);
    expect(shows(codec.encodeResponse({ response }), trace)).toBe(lost.length === 0);
    for (const { field } of told) expect(field).toMatch(/^choices\[0\]\.parts\[0\]\./);
  });

  it.each(ANSWER_PARTS)('does so in a stream, whole or in pieces, and tells the same: $name', ({ part, trace }) => {
    const told = responseLosses(codec, { response: answerOf(part) });
    const lost = told.some(({ code }) => code === WarningCode.DROPPED);
    for (const pieces of [false, true]) {
      const { body, warnings } = streamed(door, eventsOf(part, pieces));
      expect(shows(body, trace), `pieces: ${pieces}`).toBe(!lost);
      expect(warnings).toEqual(told);
    }
  });

  it('that the provider wrote in its format loses nothing', () => {
    const part = create(PartSchema, { kind: { case: 'raw', value: { dialect: 'x', json: '{}' } } });
    const wire = { dialect, json: {}, text: '{}' };
    expect(responseLosses(codec, { response: answerOf(part, FinishReason.OTHER), wire })).toEqual([]);
    const losses = createStreamLosses(codec);
    for (const event of eventsOf(part, false, FinishReason.OTHER)) losses.note({ events: [event], wire });
    expect(losses.warnings).toEqual([]);
  });
});

type Words = readonly [word: string | null, nearest?: 'nearest'];
type Endings = Readonly<Record<Exclude<keyof typeof FinishReason, number>, Words>>;

/** What each format says of each ending; no ending that cuts an answer short has a word for one that does not. */
const ENDINGS: Readonly<Record<ChatDialectName, Endings>> = {
  'openai-chat': {
    UNSPECIFIED: [null],
    STOP: ['stop'],
    LENGTH: ['length'],
    TOOL_CALLS: ['tool_calls'],
    CONTENT_FILTER: ['content_filter'],
    REFUSAL: ['content_filter', 'nearest'],
    PAUSE: ['length', 'nearest'],
    OTHER: ['length', 'nearest'],
  },
  'openai-responses': {
    UNSPECIFIED: ['incomplete', 'nearest'],
    STOP: ['completed'],
    LENGTH: ['max_output_tokens'],
    TOOL_CALLS: ['completed'],
    CONTENT_FILTER: ['content_filter'],
    REFUSAL: ['content_filter', 'nearest'],
    PAUSE: ['incomplete', 'nearest'],
    OTHER: ['incomplete', 'nearest'],
  },
  'openai-completions': {
    UNSPECIFIED: [null],
    STOP: ['stop'],
    LENGTH: ['length'],
    TOOL_CALLS: ['stop', 'nearest'],
    CONTENT_FILTER: ['content_filter'],
    REFUSAL: ['content_filter', 'nearest'],
    PAUSE: ['length', 'nearest'],
    OTHER: ['length', 'nearest'],
  },
  'anthropic-messages': {
    UNSPECIFIED: [null],
    STOP: ['end_turn'],
    LENGTH: ['max_tokens'],
    TOOL_CALLS: ['tool_use'],
    CONTENT_FILTER: ['refusal'],
    REFUSAL: ['refusal'],
    PAUSE: ['pause_turn'],
    OTHER: ['max_tokens', 'nearest'],
  },
  gemini: {
    UNSPECIFIED: [null],
    STOP: ['STOP'],
    LENGTH: ['MAX_TOKENS'],
    TOOL_CALLS: ['STOP'],
    CONTENT_FILTER: ['SAFETY'],
    REFUSAL: ['SAFETY', 'nearest'],
    PAUSE: ['OTHER', 'nearest'],
    OTHER: ['OTHER'],
  },
  'bedrock-converse': {
    UNSPECIFIED: [null],
    STOP: ['end_turn'],
    LENGTH: ['max_tokens'],
    TOOL_CALLS: ['tool_use'],
    CONTENT_FILTER: ['content_filtered'],
    REFUSAL: ['content_filtered', 'nearest'],
    PAUSE: ['max_tokens', 'nearest'],
    OTHER: ['max_tokens', 'nearest'],
  },
  cohere: {
    UNSPECIFIED: [null],
    STOP: ['COMPLETE'],
    LENGTH: ['MAX_TOKENS'],
    TOOL_CALLS: ['TOOL_CALL'],
    CONTENT_FILTER: ['ERROR_TOXIC'],
    REFUSAL: ['ERROR_TOXIC', 'nearest'],
    PAUSE: ['MAX_TOKENS', 'nearest'],
    OTHER: ['MAX_TOKENS', 'nearest'],
  },
};

// biome-ignore lint/suspicious/noExplicitAny: foreign JSON
function wordIn(dialect: ChatDialectName, json: any): string | null {
  switch (dialect) {
    case 'openai-chat':
    case 'openai-completions':
      return json.choices[0].finish_reason ?? null;
    case 'openai-responses':
      return json.incomplete_details?.reason ?? json.status;
    case 'anthropic-messages':
      return json.stop_reason ?? null;
    case 'gemini':
      return json.candidates[0].finishReason ?? null;
    case 'bedrock-converse':
      return json.stopReason ?? null;
    case 'cohere':
      return json.finish_reason ?? null;
  }
}

const ROWS = DOORS.flatMap((door) =>
  Object.entries(ENDINGS[door.dialect]).map(([reason, [word, nearest]]) => ({
    ...door,
    reason: reason as keyof Endings,
    word,
    told: nearest === undefined ? [] : ['choices[0].finish_reason'],
  })),
);

describe('an ending', () => {
  const part = create(PartSchema, { kind: { case: 'text', value: { text: 'so' } } });
  it.each(ROWS)('$reason is $word at the door of $dialect', ({ codec, dialect, reason, word, told }) => {
    const response = answerOf(part, FinishReason[reason], { rawFinishReason: 'odd-4321' });
    expect(wordIn(dialect, JSON.parse(codec.encodeResponse({ response })))).toBe(word);
    expect(responseLosses(codec, { response }).map(({ field }) => field)).toEqual(told);
    const { body, warnings } = streamed(
      { codec, dialect },
      eventsOf(part, true, FinishReason[reason], { rawReason: 'odd-4321' }),
    );
    expect(word === null || body.includes(`"${word}"`)).toBe(true);
    expect(warnings.map(({ field }) => field)).toEqual(told);
  });

  it("that has no word at OpenAI's door comes with the provider's own", () => {
    const [door] = DOORS;
    const response = answerOf(part, FinishReason.OTHER, { rawFinishReason: 'odd-4321' });
    expect(JSON.parse(door?.codec.encodeResponse({ response }) ?? '').choices[0].native_finish_reason).toBe('odd-4321');
  });

  it.each(DOORS)('by a stop text, further answers and probabilities are shown or told of: $dialect', (door) => {
    const response = answerOf(part, FinishReason.STOP, {
      stopSequence: 'halt-4321',
      logprobs: { content: [{ token: 'chance-4321', logprob: -1 }] },
    });
    const [first] = response.choices;
    if (first !== undefined) {
      const second = create(PartSchema, { kind: { case: 'text', value: { text: 'second-4321' } } });
      response.choices.push({ ...first, index: 1, stopSequence: '', parts: [second] });
    }
    const body = door.codec.encodeResponse({ response });
    const told = responseLosses(door.codec, { response }).map(({ field }) => field);
    expect(body.includes('halt-4321')).toBe(!told.includes('choices[0].stop_sequence'));
    expect(body.includes('chance-4321')).toBe(!told.includes('choices[0].logprobs'));
    expect(body.includes('second-4321')).toBe(!told.includes('choices[1]'));
  });
});
