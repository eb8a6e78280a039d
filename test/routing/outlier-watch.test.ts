import { describe, expect, test } from 'vitest';
import { createOutlierWatch } from '../../server/routing/outlier-watch.ts';
import type { OutlierPolicy } from '../../server/routing/route.ts';

const POLICY: OutlierPolicy = {
  consecutiveFailures: 5,
  failureRatio: 0.5,
  minRequests: 20,
  windowMs: 60_000,
  baseEjectionMs: 15_000,
  maxEjectionMs: 40_000,
  maxEjectionPercent: 50,
};

/** A target and what happens to it, without jitter. */
function createTarget(more: Partial<OutlierPolicy> = {}) {
  const watch = createOutlierWatch({ next: () => 0 });
  const attempt = (at: number) => watch.begin(at, { ...POLICY, ...more });
  const fail = (at: number): void => {
    const begun = attempt(at);
    begun.fail(at);
    begun.end();
  };
  const succeed = (at: number): void => {
    const begun = attempt(at);
    begun.answered(at);
    begun.succeed(at);
    begun.end();
  };
  return { watch, attempt, fail, succeed };
}

const times = (count: number, act: (at: number) => void): void => {
  for (let at = 0; at < count; at += 1) act(at);
};

describe('a target is ejected', () => {
  test('after so many failures in a row, and no sooner', () => {
    const { watch, fail, succeed } = createTarget();
    times(4, fail);
    succeed(4);
    times(4, fail);
    expect(watch.ejectedUntilMs).toBe(0);
    fail(1000);
    expect(watch.ejectedUntilMs).toBe(16_000);
    expect(watch.ejections).toBe(1);
  });

  test('for failing too large a share of enough calls within the window', () => {
    const { watch, fail, succeed } = createTarget();
    times(19, (at) => (at % 2 === 0 ? fail(at) : succeed(at)));
    expect(watch.ejections).toBe(0);
    fail(19);
    expect(watch.ejections).toBe(1);
  });

  test('not for failures that are further apart than the window', () => {
    const { watch, fail, succeed } = createTarget();
    times(40, (at) => (at % 2 === 0 ? fail(at * 10_000) : succeed(at * 10_000)));
    expect(watch.ejections).toBe(0);
  });

  test('never where a policy ejects none of a hundred, or the rules are off', () => {
    for (const more of [{ maxEjectionPercent: 0 }, { consecutiveFailures: 0, failureRatio: 0 }]) {
      const { watch, fail } = createTarget(more);
      times(100, fail);
      expect(watch.ejections).toBe(0);
    }
  });
});

describe('a target comes back', () => {
  const ejected = () => {
    const target = createTarget();
    times(5, () => target.fail(0));
    return target;
  };

  test('to one attempt at a time, whose failure ejects it for longer, up to a bound', () => {
    const { watch, attempt, fail } = ejected();
    expect(watch.isFull(14_999)).toBe(false);
    const probe = attempt(15_000);
    expect(watch.isFull(15_000)).toBe(true);
    probe.fail(15_001);
    probe.end();
    expect(watch.ejectedUntilMs).toBe(15_001 + 30_000);
    fail(45_001);
    expect(watch.ejectedUntilMs).toBe(45_001 + 40_000);
  });

  test('a canceled probe makes room for the next', () => {
    const { watch, attempt } = ejected();
    attempt(15_000).end();
    expect(watch.isFull(15_001)).toBe(false);
  });

  test('with the first answer, and the number of calls doubles each second for ten', () => {
    const { watch, attempt } = ejected();
    const probe = attempt(15_000);
    probe.answered(15_100);
    const room = (at: number): number => {
      const open = [];
      while (!watch.isFull(at) && open.length < 5000) open.push(attempt(at));
      for (const each of open) each.end();
      return open.length;
    };
    expect([100, 1100, 2100].map((ms) => room(15_000 + ms))).toEqual([1, 3, 7]);
    expect(room(25_100)).toBe(5000);
  });

  test('what was under way when it was ejected neither brings it back nor ejects it again', () => {
    const target = createTarget();
    const [early, other] = [target.attempt(0), target.attempt(0)];
    times(5, () => target.fail(1));
    early.succeed(2);
    other.fail(15_002);
    for (const each of [early, other]) each.end();
    expect(target.watch).toMatchObject({ ejections: 1, ejectedUntilMs: 15_001 });
    expect(target.watch.isFull(15_003)).toBe(false);
  });

  test('an answer while nothing else was left brings it back at once', () => {
    const { watch, succeed } = ejected();
    succeed(3000);
    expect(watch.ejectedUntilMs).toBe(3000);
  });

  test('good times are forgiven for', () => {
    const { watch, fail, succeed } = ejected();
    succeed(15_000);
    times(5, () => fail(40_000));
    expect(watch.ejectedUntilMs).toBe(55_000);
  });
});
