import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDrills, type DrillOrder } from '../../server/routing/drills.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const TARGET = { name: 'main', provider: 'one', model: 'm' };
const call = (more: object = {}) => ({ requestId: 'req_1', keyId: 'app', route: 'fast', ...more });

function begin(order: Partial<DrillOrder> & { readonly scope?: Partial<DrillOrder['scope']> } = {}) {
  const clock = createFakeClock();
  const drills = createDrills(clock);
  const drill = drills.begin({
    fault: { kind: 'CUT', afterContent: false, affectsHealth: false },
    durationMs: 1000,
    ...order,
    scope: { percent: 100, ...order.scope },
  });
  const strikes = (of: object = {}, target = TARGET): boolean => drills.of(call(of))?.strike(target) !== undefined;
  return { clock, drills, drill, strikes };
}

describe('a drill strikes', () => {
  test.each([
    ['the key', { keyId: 'app' }, {}, true],
    ['another key', { keyId: 'other' }, {}, false],
    ['the route', { route: 'fast' }, {}, true],
    ['another route', { route: 'slow' }, {}, false],
    ['key and route, where only one is met', { keyId: 'app', route: 'slow' }, {}, false],
    ['the target by name', { targets: new Set(['main']) }, {}, true],
    ['the target by address', { targets: new Set(['one/m']) }, {}, true],
    ['the target by provider', { targets: new Set(['one']) }, {}, true],
    ['another target', { targets: new Set(['two', 'one/n']) }, {}, false],
  ])('by %s', (_, scope, of, expected) => {
    expect(begin({ scope: { percent: 100, ...scope } }).strikes(of)).toBe(expected);
  });

  test('so many of a hundred calls as it says, however many there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(500), (percent, calls) => {
        const { strikes } = begin({ scope: { percent } });
        const struck = Array.from({ length: calls }, () => strikes()).filter(Boolean).length;
        expect(struck).toBe(Math.floor((calls * percent) / 100));
      }),
    );
  });

  test('a call in all its attempts or in none', () => {
    const { drills } = begin({ scope: { percent: 50 } });
    const attempts = Array.from({ length: 10 }, () => {
      const one = drills.of(call());
      return [one?.strike(TARGET), one?.strike(TARGET), one?.strike(TARGET)].map(Boolean);
    });
    expect(attempts).toEqual(attempts.map((_, at) => (at % 2 === 0 ? [false, false, false] : [true, true, true])));
  });
});

describe('a drill is over', () => {
  test('when its time is up, and nothing is left of it', async () => {
    const { clock, drill, drills } = begin();
    const early = drills.of(call());
    await clock.advance(999);
    expect(early?.strike(TARGET)).toBeDefined();
    await clock.advance(1);
    expect(drill.over.aborted).toBe(true);
    expect(early?.strike(TARGET)).toBeUndefined();
    expect(drills.of(call())).toBeUndefined();
  });

  test('when its time is up, even where its timer is late', () => {
    const clock = createFakeClock();
    let now = 0;
    const late = { now: clock.now, monotonic: () => now, schedule: () => ({ stop() {} }) };
    const drills = createDrills(late);
    drills.begin({
      scope: { percent: 100 },
      fault: { kind: 'CUT', afterContent: false, affectsHealth: false },
      durationMs: 1000,
    });
    const early = drills.of(call());
    now = 1000;
    expect(early?.strike(TARGET)).toBeUndefined();
    expect(drills.of(call())).toBeUndefined();
  });

  test('when it is ended', async () => {
    const { drill, strikes } = begin();
    drill.end();
    expect(strikes()).toBe(false);
    expect(await drill.reports().next()).toEqual({ done: true, value: undefined });
  });
});

describe('a drill tells', () => {
  test('of the calls that it struck, and of no others', async () => {
    const { drill, drills } = begin({ scope: { percent: 100, targets: new Set(['main']) } });
    const [struck, spared, unfinished] = ['a', 'b', 'c'].map((requestId) => drills.of(call({ requestId })));
    struck?.strike(TARGET);
    spared?.strike({ ...TARGET, name: 'other' });
    unfinished?.strike(TARGET);
    struck?.settled([], undefined);
    spared?.settled([], undefined);
    drill.end();
    const told: string[] = [];
    for await (const { requestId } of drill.reports()) told.push(requestId);
    expect(told).toEqual(['a']);
    expect(drill.totals()).toMatchObject({ calls: 2, answered: 1, unfinished: 1, leftOut: 0 });
  });

  test('the newest where nobody reads, and how many it left out', () => {
    const { drill, drills } = begin();
    for (let at = 0; at < 1003; at += 1) {
      const one = drills.of(call());
      one?.strike(TARGET);
      one?.settled([], 'UPSTREAM_UNAVAILABLE');
    }
    expect(drill.totals()).toMatchObject({ calls: 1003, answered: 0, leftOut: 3 });
  });
});
