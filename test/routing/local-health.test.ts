import { describe, expect, test } from 'vitest';
import { createLocalHealth } from '../../server/routing/local-health.ts';
import { createRetryGate } from '../../server/routing/retry-gate.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const TARGET = { provider: 'p', model: 'm' };
const HALF = { next: () => 0.5 };

async function stream(
  health: ReturnType<typeof createLocalHealth>,
  clock: ReturnType<typeof createFakeClock>,
  ms: number,
) {
  const watch = health.begin(TARGET, { stream: true });
  await clock.advance(ms);
  watch.contentSeen();
  return watch;
}

describe('the health of a target', () => {
  test('counts calls under way, each end once', () => {
    const health = createLocalHealth({ clock: createFakeClock(), random: HALF });
    const [one, two] = [health.begin(TARGET, { stream: false }), health.begin(TARGET, { stream: false })];
    expect(health.figures(TARGET).inFlight).toBe(2);
    one.succeed(1);
    one.cancel();
    one.fail('TIMEOUT', undefined);
    expect(health.figures(TARGET).inFlight).toBe(1);
    two.cancel();
    expect(health.figures(TARGET).inFlight).toBe(0);
  });

  test('jumps to a peak at once and decays from it', async () => {
    const clock = createFakeClock();
    const health = createLocalHealth({ clock, random: HALF });
    (await stream(health, clock, 100)).succeed(undefined);
    (await stream(health, clock, 2000)).succeed(undefined);
    expect(health.figures(TARGET).firstContentMs).toBe(2000);
    await clock.advance(10_000);
    expect(health.figures(TARGET).firstContentMs).toBeCloseTo(2000 / Math.E, 3);
  });

  test('of whole answers is by their tokens', async () => {
    const clock = createFakeClock();
    const health = createLocalHealth({ clock, random: HALF });
    const watch = health.begin(TARGET, { stream: false });
    await clock.advance(500);
    watch.contentSeen();
    watch.succeed(50);
    expect(health.figures(TARGET)).toMatchObject({ firstContentMs: undefined, msPerToken: 10, tokensPerSecond: 100 });
  });

  test('a target that fails fast is not a fast one', () => {
    const health = createLocalHealth({ clock: createFakeClock(), random: HALF });
    health.begin(TARGET, { stream: true }).fail('SERVER_ERROR', undefined);
    expect(health.figures(TARGET).firstContentMs).toBeGreaterThanOrEqual(1000);
  });

  test.each(['INVALID_REQUEST', 'CONTEXT_LENGTH_EXCEEDED', 'CONTENT_FILTERED', 'CANCELED'] as const)(
    '%s says nothing of the target',
    (failure) => {
      const health = createLocalHealth({ clock: createFakeClock(), random: HALF });
      health.begin(TARGET, { stream: true }).fail(failure, 5000);
      expect(health.figures(TARGET)).toMatchObject({ firstContentMs: undefined, throttledUntilMs: 0 });
    },
  );

  test('a limited rate rests it for as long as the provider asks, and a success ends that', () => {
    const clock = createFakeClock();
    const health = createLocalHealth({ clock, random: HALF });
    health.begin(TARGET, { stream: false }).fail('RATE_LIMITED', 30_000);
    expect(health.figures(TARGET)).toMatchObject({ throttledUntilMs: clock.now() + 30_000, firstContentMs: undefined });
    health.begin(TARGET, { stream: false }).fail('RATE_LIMITED', 10 ** 12);
    expect(health.figures(TARGET).throttledUntilMs).toBe(clock.now() + 3_600_000);
    health.begin(TARGET, { stream: false }).succeed(undefined);
    expect(health.figures(TARGET).throttledUntilMs).toBe(0);
  });

  test('knows its 95th percentile once it has seen a few', async () => {
    const clock = createFakeClock();
    const health = createLocalHealth({ clock, random: HALF });
    for (let ms = 1; ms <= 7; ms += 1) (await stream(health, clock, ms)).cancel();
    expect(health.firstContentP95Ms(TARGET)).toBeUndefined();
    for (let ms = 8; ms <= 20; ms += 1) (await stream(health, clock, ms)).cancel();
    expect(health.firstContentP95Ms(TARGET)).toBe(19);
  });

  test('does not grow with the models that callers make up', () => {
    const health = createLocalHealth({ clock: createFakeClock(), random: HALF });
    const kept = health.begin(TARGET, { stream: false });
    for (let at = 0; at < 10_000; at += 1) {
      health.begin({ provider: 'p', model: `made-up-${at}` }, { stream: false }).fail('RATE_LIMITED', 1000);
    }
    expect(health.figures({ provider: 'p', model: 'made-up-0' }).throttledUntilMs).toBe(0);
    expect(health.figures(TARGET).inFlight).toBe(1);
    kept.cancel();
  });
});

describe('a retry budget', () => {
  const budget = { percent: 20, minConcurrency: 1 };

  test('lets through a share of the calls under way, and gives places back', () => {
    const gate = createRetryGate();
    for (let call = 0; call < 10; call += 1) gate.enter('r');
    const permits = [1, 2, 3].map(() => gate.permit('r', budget));
    expect(permits.map((permit) => permit.take())).toEqual([true, true, false]);
    permits[0]?.free();
    expect(permits[2]?.take()).toBe(true);
    expect(permits[2]?.take()).toBe(true);
  });

  test('has a floor, and no bound where none is set', () => {
    const gate = createRetryGate();
    gate.enter('r');
    expect([gate.permit('r', budget).take(), gate.permit('r', budget).take()]).toEqual([true, false]);
    expect([gate.permit('s', undefined).take(), gate.permit('s', undefined).take()]).toEqual([true, true]);
  });
});
