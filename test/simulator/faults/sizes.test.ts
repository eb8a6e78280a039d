import { describe, expect, test } from 'vitest';
import { framesOf } from '../raw-client.ts';
import { strike, strikeOpen, usualFrames } from './strike.ts';

describe('sizes', () => {
  test('an event that is too large, between good ones', async () => {
    const { answer } = await strike('oversized-event=1');
    const lengths = framesOf(answer).map((frame) => frame.length);
    expect(lengths.filter((length) => length > 1024 * 1024)).toHaveLength(1);
    expect(lengths).toHaveLength((await usualFrames()).length + 1);
  });

  test('an event without an end, up to the limit or until the client goes', async () => {
    const { answer } = await strike('endless-event=2');
    expect(answer.body.length).toBeGreaterThan(2 * 1024 * 1024);
    expect(answer.body.subarray(-1000).toString()).toBe('x'.repeat(1000));
    const { simulator, connection } = await strikeOpen('endless-event', ({ body }) => body.length > 1024 * 1024);
    connection.destroy();
    await simulator.idle();
    expect(simulator.invoice.entries()[0]).toMatchObject({ finished: 'client-gone' });
  });
});
