import { describe, expect, test, vi } from 'vitest';
import { AttemptError } from '../../../server/errors/attempt-error.ts';
import { type Lease, Renewal } from '../../../server/upstream/auth/renewal.ts';
import { createFakeClock, type FakeClock, settle } from '../../support/fake-clock.ts';
import { failureOf } from '../loopback.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const down = new AttemptError('CONNECTION', 'down');

/** Values 1, 2, 3 …, each with an hour to live; or what the test says. */
function start(lifeMs = HOUR, answer?: (count: number) => Promise<void>) {
  const clock = createFakeClock();
  let count = 0;
  const obtain = vi.fn(async (_signal: AbortSignal): Promise<Lease<number>> => {
    count += 1;
    const mine = count;
    await answer?.(mine);
    return { value: mine, expiresAtMs: clock.now() + lifeMs };
  });
  const told = vi.fn();
  const renewal = new Renewal({ obtain, clock, random: { next: () => 0 }, report: told });
  return { clock, obtain, renewal, told };
}

const report = (): void => {};
const never = (): AbortSignal => new AbortController().signal;

async function valuesOver(clock: FakeClock, renewal: Renewal<number>, waits: readonly number[]): Promise<number[]> {
  const values: number[] = [];
  for (const wait of waits) {
    await clock.advance(wait);
    values.push(await renewal.get(never()));
    await settle();
  }
  return values;
}

describe('a credential', () => {
  test('is obtained once for all who ask at the same time', async () => {
    const { renewal, obtain } = start();
    expect(await Promise.all([1, 2, 3, 4].map(() => renewal.get(never())))).toEqual([1, 1, 1, 1]);
    expect(obtain).toHaveBeenCalledTimes(1);
  });

  test('is not obtained before anybody asks, nor renewed while nobody does', async () => {
    const { clock, renewal, obtain } = start();
    await clock.advance(3 * HOUR);
    expect(obtain).not.toHaveBeenCalled();
    await renewal.get(never());
    await clock.advance(3 * HOUR);
    expect(obtain).toHaveBeenCalledTimes(1);
    expect(clock.pending).toBe(0);
  });

  test('of an hour is renewed in its last five minutes; who asks then gets the old one at once', async () => {
    const { clock, renewal } = start();
    expect(await valuesOver(clock, renewal, [0, 54 * MINUTE, 1 * MINUTE, 1000])).toEqual([1, 1, 1, 2]);
  });

  test('of ten minutes is renewed in the last fifth of its life', async () => {
    const { clock, renewal } = start(10 * MINUTE);
    expect(await valuesOver(clock, renewal, [0, 7.9 * MINUTE, 0.2 * MINUTE, 1000])).toEqual([1, 1, 1, 2]);
  });

  test('is renewed earlier by chance, so that many processes do not ask together', async () => {
    const clock = createFakeClock();
    const obtain = vi.fn(async () => ({ value: 1, expiresAtMs: clock.now() + HOUR }));
    const renewal = new Renewal({ obtain, clock, random: { next: () => 0.99 }, report });
    await renewal.get(never());
    await clock.advance(53 * MINUTE);
    await renewal.get(never());
    await settle();
    expect(obtain).toHaveBeenCalledTimes(2);
  });

  test('that has run out is waited for', async () => {
    const { clock, renewal } = start();
    expect(await valuesOver(clock, renewal, [0, 2 * HOUR])).toEqual([1, 2]);
  });

  test('is not used in its last seconds: the request is still to travel', async () => {
    const { clock, renewal } = start();
    expect(await valuesOver(clock, renewal, [0, HOUR - 4000])).toEqual([1, 2]);
  });

  test('without an end is obtained once', async () => {
    const clock = createFakeClock();
    const obtain = vi.fn(async () => ({ value: 7, expiresAtMs: undefined }));
    const renewal = new Renewal({ obtain, clock, random: { next: () => 0 }, report });
    await renewal.get(never());
    await clock.advance(1000 * HOUR);
    expect(await renewal.get(never())).toBe(7);
    expect(obtain).toHaveBeenCalledTimes(1);
  });

  test('that is over when it comes is not asked for anew by every call', async () => {
    const { renewal, obtain } = start(-HOUR);
    expect(await renewal.get(never())).toBe(1);
    expect(await renewal.get(never())).toBe(1);
    expect(obtain).toHaveBeenCalledTimes(1);
  });
});

describe('a renewal that fails', () => {
  test('leaves the old one in use, is tried again with growing pauses, and is told once that is over', async () => {
    const { clock, renewal, obtain, told } = start(HOUR, async (count) => {
      if (count > 1) throw down;
    });
    await renewal.get(never());
    await clock.advance(56 * MINUTE);
    const asked: number[] = [];
    for (let second = 0; second < 60; second += 1) {
      expect(await renewal.get(never())).toBe(1);
      await settle();
      asked.push(obtain.mock.calls.length);
      await clock.advance(1000);
    }
    // Pauses of 0.25, 0.5, 1, 2, 4, 8, 15 and 15 seconds, each ended by the next of one call a second.
    expect(asked.at(-1)).toBe(10);
    expect(told.mock.calls).toEqual(Array(9).fill([down]));
    await clock.advance(10 * MINUTE);
    expect(await failureOf(renewal.get(never()))).toBe(down);
  });

  test('is told to all who wait, and to those who ask during the pause, without another try', async () => {
    const { clock, renewal, obtain } = start(HOUR, async (count) => {
      if (count === 1) throw down;
    });
    const failures = await Promise.all([renewal.get(never()), renewal.get(never())].map(failureOf));
    expect(failures).toEqual([down, down]);
    expect(await failureOf(renewal.get(never()))).toBe(down);
    expect(obtain).toHaveBeenCalledTimes(1);
    await clock.advance(500);
    expect(await renewal.get(never())).toBe(2);
  });

  test('is one that takes longer than 15 seconds', async () => {
    const clock = createFakeClock();
    const renewal = new Renewal({
      obtain: (signal) =>
        new Promise<Lease<number>>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
      clock,
      random: { next: () => 0 },
      report,
    });
    const failure = failureOf(renewal.get(never()));
    await clock.advance(15_000);
    expect(await failure).toMatchObject({ failure: 'TIMEOUT' });
  });
});

describe('an abort', () => {
  test('ends the wait of its caller alone', async () => {
    const gate = Promise.withResolvers<void>();
    const { renewal, obtain } = start(HOUR, () => gate.promise);
    const leaving = new AbortController();
    const left = failureOf(renewal.get(leaving.signal));
    const stayed = renewal.get(never());
    await settle();
    leaving.abort(new Error('gone'));
    expect(await left).toEqual(new Error('gone'));
    expect(obtain.mock.calls[0]?.[0].aborted).toBe(false);
    gate.resolve();
    expect(await stayed).toBe(1);
    expect(obtain).toHaveBeenCalledTimes(1);
  });

  test('before asking obtains nothing', async () => {
    const { renewal, obtain } = start();
    expect(await failureOf(renewal.get(AbortSignal.abort(new Error('gone'))))).toEqual(new Error('gone'));
    expect(obtain).not.toHaveBeenCalled();
  });
});

describe('a credential that the provider refuses', () => {
  test('is replaced by a new one', async () => {
    const { clock, renewal } = start();
    const first = await renewal.get(never());
    await clock.advance(2 * MINUTE);
    renewal.refuse(first);
    expect(await renewal.get(never())).toBe(2);
  });

  test('is kept where it is new: another would be refused too, and each call would ask for one', async () => {
    const { renewal, obtain } = start();
    for (let call = 0; call < 5; call += 1) renewal.refuse(await renewal.get(never()));
    expect(obtain).toHaveBeenCalledTimes(1);
  });

  test('takes no newer one with it', async () => {
    const { clock, renewal } = start();
    const first = await renewal.get(never());
    await clock.advance(2 * HOUR);
    expect(await renewal.get(never())).toBe(2);
    await clock.advance(2 * MINUTE);
    renewal.refuse(first);
    expect(await renewal.get(never())).toBe(2);
  });
});
