import type { Clock } from '../../server/core/clock.ts';

/** Time that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves time on, timer by timer, letting promises settle between. */
  advance(milliseconds: number): Promise<void>;
  /** Timers set and neither fired nor stopped. */
  readonly pending: number;
}

export function createFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let elapsed = 0;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  const next = (until: number) =>
    [...timers].filter((timer) => timer.at <= until).sort((left, right) => left.at - right.at)[0];
  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    schedule(milliseconds, callback) {
      const timer = { at: elapsed + Math.max(milliseconds, 0), callback };
      timers.add(timer);
      return { stop: () => timers.delete(timer) };
    },
    async advance(milliseconds) {
      const until = elapsed + milliseconds;
      await settle();
      for (let timer = next(until); timer !== undefined; timer = next(until)) {
        elapsed = timer.at;
        timers.delete(timer);
        timer.callback();
        await settle();
      }
      elapsed = until;
      await settle();
    },
    get pending() {
      return timers.size;
    },
  };
}

/** Lets everything that waits on promises alone go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
