import { describe, expect, test } from 'vitest';
import { fetchRaw, framesOf, parseAnswer } from '../raw-client.ts';
import { chat, createJumpingClock, simulate, streamed } from '../requests.ts';
import { expectSilence, strikeOpen, tokensIn } from './strike.ts';

describe('time', () => {
  test('the headers come later', async () => {
    const clock = createJumpingClock();
    const { url } = await simulate({ clock });
    const answer = await fetchRaw(url, { body: chat(), headers: { 'x-sim-fault': 'delay=1234' } });
    expect([answer.status, clock.waits]).toEqual([200, [1234]]);
  });

  test('headers, then silence', async () => {
    const { simulator, connection } = await strikeOpen('silent-after-headers', ({ status }) => status === 200);
    expect(parseAnswer(connection.received).body.length).toBe(0);
    await expectSilence(simulator, connection);
  });

  test('some frames, then silence', async () => {
    const { simulator, connection } = await strikeOpen('stall=2', (answer) => framesOf(answer).length === 2);
    await expectSilence(simulator, connection);
    const outputTokens = tokensIn(parseAnswer(connection.received));
    expect(simulator.invoice.entries()[0]).toMatchObject({ finished: 'client-gone', outputTokens });
  });

  test('half of an answer in one piece, then silence', async () => {
    const { simulator, connection } = await strikeOpen('stall', (answer) => answer.body.length > 0, chat());
    expect(parseAnswer(connection.received).complete).toBe(false);
    await expectSilence(simulator, connection);
  });

  test('byte by byte', async () => {
    const clock = createJumpingClock();
    const { url } = await simulate({ clock });
    const answer = await fetchRaw(url, { body: streamed(), headers: { 'x-sim-fault': 'drip=7' } });
    expect(answer.chunks.every((chunk) => chunk.length === 1)).toBe(true);
    expect(clock.waits).toEqual(Array(answer.body.length).fill(7));
    expect(framesOf(answer).at(-1)).toBe('[DONE]');
  });
});
