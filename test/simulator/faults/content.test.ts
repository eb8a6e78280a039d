import { describe, expect, test } from 'vitest';
import { eventsOf, framesOf, type RawAnswer } from '../raw-client.ts';
import { calling, chat, streamed } from '../requests.ts';
import { bare, strike, usualFrames } from './strike.ts';

describe('content', () => {
  test('a malformed event between good ones', async () => {
    const frames = framesOf((await strike('malformed=2')).answer);
    expect(() => JSON.parse(frames[2] ?? '')).toThrow();
    expect(bare(frames.toSpliced(2, 1))).toEqual(bare(await usualFrames()));
  });

  test('an answer in one piece that is no JSON', async () => {
    const { answer } = await strike('malformed', chat());
    expect(answer.complete).toBe(true);
    expect(() => JSON.parse(answer.body.toString())).toThrow();
  });

  test('empty choices', async () => {
    const events = eventsOf((await strike('empty-choices')).answer);
    expect(events.slice(0, 4).map(({ choices }) => choices.length)).toEqual([1, 0, 1, 0]);
    expect(JSON.parse((await strike('empty-choices', chat())).answer.body.toString()).choices).toEqual([]);
  });

  test('no reason why the answer ended', async () => {
    const { answer } = await strike('no-finish');
    expect(eventsOf(answer).filter(({ choices }) => choices[0]?.finish_reason)).toEqual([]);
    expect(framesOf(answer).at(-1)).toBe('[DONE]');
  });

  const argumentsOf = (answer: RawAnswer): readonly string[] =>
    eventsOf(answer).flatMap(
      ({ choices }) => choices[0]?.delta.tool_calls?.map((call) => call.function?.arguments ?? '') ?? [],
    );

  test('arguments of a tool call character by character', async () => {
    const pieces = argumentsOf((await strike('tool-arguments-split', calling(streamed({})))).answer);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBe(1);
    expect(JSON.parse(pieces.join(''))).toHaveProperty('city');
  });

  test('arguments of a tool call that break off', async () => {
    const { answer } = await strike('tool-arguments-truncated', calling(streamed({})));
    expect(() => JSON.parse(argumentsOf(answer).join(''))).toThrow();
    expect(eventsOf(answer).some(({ choices }) => choices[0]?.finish_reason === 'tool_calls')).toBe(true);
  });

  test('a filter that cuts the answer', async () => {
    const { answer } = await strike('content-filter', chat());
    expect(JSON.parse(answer.body.toString()).choices[0].finish_reason).toBe('content_filter');
  });
});
