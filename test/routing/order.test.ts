import { describe, expect, test } from 'vitest';
import type { Target } from '../../server/routing/route.ts';
import { condition, generation, order, plan, routeOf, type Situation, strategy, target } from './bench.ts';

const abc = [target('a'), target('b'), target('c')];
const seeds = Array.from({ length: 2000 }, (_, seed) => seed);

/** How often each target is first, over many seeds. */
function firsts(situation: Situation): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const seed of seeds) {
    const first = order({ ...situation, seed })[0] ?? '';
    counts[first] = (counts[first] ?? 0) + 1 / seeds.length;
  }
  return counts;
}

/** What the plan itself says of the same. */
function probabilities(situation: Situation): Readonly<Record<string, number>> {
  return Object.fromEntries(plan(situation).candidates.map(({ name, probability }) => [name, probability]));
}

describe('a plain list', () => {
  test('is tried as it stands, and chance has no part in it', () => {
    const made = plan({ route: routeOf(abc) });
    expect(made.targets.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(made.seed).toBeUndefined();
  });

  test('may hold one target twice', () => {
    expect(order({ route: routeOf([target('a'), target('a')]) })).toEqual(['a', 'a']);
  });
});

describe('priorities', () => {
  test('come before every strategy', () => {
    const targets = [target('a', { priority: 1 }), target('b', { priority: 0 }), target('c', { priority: 2 })];
    expect(order({ route: routeOf(targets, { strategy: strategy('PEAK_EWMA') }) })).toEqual(['b', 'a', 'c']);
  });

  test('give the next group its turn where the first is not eligible', () => {
    const targets = [target('a', { priority: 0, when: condition('request.stream') }), target('b', { priority: 1 })];
    const situation = { route: routeOf(targets, { strategy: strategy('WEIGHTED') }) };
    expect(order(situation)).toEqual(['b']);
    expect(probabilities(situation)).toEqual({ a: 0, b: 1 });
  });
});

describe('strategies', () => {
  test('WEIGHTED draws by weight, and says so', () => {
    const weights = [5, 3, 2, 0];
    const targets = weights.map((weight, at) => target('abcd'[at] ?? '', { weight }));
    const situation = { route: routeOf(targets, { strategy: strategy('WEIGHTED') }) };
    const counts = firsts(situation);
    expect(probabilities(situation)).toEqual({ a: 0.5, b: 0.3, c: 0.2, d: 0 });
    for (const [at, weight] of weights.entries()) expect(counts['abcd'[at] ?? ''] ?? 0).toBeCloseTo(weight / 10, 1);
    expect(order(situation).at(-1)).toBe('d');
  });

  test('ROUND_ROBIN goes round', () => {
    const route = routeOf(abc, { strategy: strategy('ROUND_ROBIN') });
    expect([0, 1, 2, 3].map((turn) => order({ route, turn })[0])).toEqual(['a', 'b', 'c', 'a']);
    expect(order({ route, turn: 2 })).toEqual(['c', 'a', 'b']);
  });

  test('PEAK_EWMA takes latency times calls in flight, by weight', () => {
    const route = (targets: readonly Target[]) => routeOf(targets, { strategy: strategy('PEAK_EWMA') });
    const figures = {
      a: { firstContentMs: 100, inFlight: 3 },
      b: { firstContentMs: 250, inFlight: 0 },
      c: { firstContentMs: 150, inFlight: 1 },
    };
    expect(order({ route: route(abc), figures, stream: true })).toEqual(['b', 'c', 'a']);
    const heavy = [target('a', { weight: 4 }), target('b'), target('c')];
    expect(order({ route: route(heavy), figures, stream: true })).toEqual(['a', 'b', 'c']);
  });

  test.each(['PEAK_EWMA', 'LEAST_IN_FLIGHT', 'WEIGHTED'] as const)(
    '%s puts a weight of 0 last, however fast',
    (type) => {
      const route = routeOf([target('a', { weight: 0 }), target('b')], { strategy: strategy(type) });
      const situation = { route, figures: { a: { firstContentMs: 0 }, b: { firstContentMs: 900 } }, stream: true };
      expect(order(situation)).toEqual(['b', 'a']);
      expect(probabilities(situation)).toEqual({ a: 0, b: 1 });
    },
  );

  test('PEAK_EWMA takes a target that nobody has seen for a usual one', () => {
    const route = routeOf(abc, { strategy: strategy('PEAK_EWMA') });
    const figures = { a: { firstContentMs: 100 }, b: { firstContentMs: 900 } };
    expect(firsts({ route, figures, stream: true })).toEqual({ a: expect.closeTo(1, 5) });
    expect(order({ route, figures, stream: true }).at(-1)).not.toBe('a');
  });

  test('PEAK_EWMA looks at whole answers where the answer comes in one piece', () => {
    const route = routeOf(abc, { strategy: strategy('PEAK_EWMA') });
    const figures = { a: { msPerToken: 30 }, b: { msPerToken: 10, firstContentMs: 9999 }, c: { msPerToken: 20 } };
    expect(order({ route, figures })).toEqual(['b', 'c', 'a']);
  });

  test('two choices never take the worst, and the chances are those of the formula', () => {
    const route = routeOf(abc, { strategy: strategy('PEAK_EWMA', { choices: 'two' }) });
    const figures = { a: { firstContentMs: 1 }, b: { firstContentMs: 2 }, c: { firstContentMs: 3 } };
    const counts = firsts({ route, figures, stream: true });
    expect(counts.a).toBeCloseTo(2 / 3, 1);
    expect(counts.b).toBeCloseTo(1 / 3, 1);
    expect(counts.c).toBeUndefined();
    expect(probabilities({ route, figures, stream: true })).toEqual({ a: 2 / 3, b: 1 / 3, c: 0 });
  });

  test.each([
    ['LEAST_IN_FLIGHT', { a: { inFlight: 2 }, b: { inFlight: 0 }, c: { inFlight: 1 } }],
    ['LATENCY', { a: { msPerToken: 3 }, b: { msPerToken: 1 }, c: { msPerToken: 2 } }],
    ['THROUGHPUT', { a: { tokensPerSecond: 10 }, b: { tokensPerSecond: 90 }, c: { tokensPerSecond: 50 } }],
  ] as const)('%s puts the best first', (type, figures) => {
    expect(order({ route: routeOf(abc, { strategy: strategy(type) }), figures })).toEqual(['b', 'c', 'a']);
  });

  test('PRICE puts the cheapest for this call first, and unknown prices last', () => {
    const facts = {
      a: { price: { input: 10n, output: 1000n } },
      b: { price: { input: 900n, output: 10n } },
    };
    const route = routeOf([target('c'), target('a'), target('b')], { strategy: strategy('PRICE') });
    const long = { route, facts, tokens: 1_000_000, generation: generation({ maxOutputTokens: 1 }) };
    const wordy = { route, facts, tokens: 1, generation: generation({ maxOutputTokens: 1_000_000 }) };
    expect(order(long)).toEqual(['a', 'b', 'c']);
    expect(order(wordy)).toEqual(['b', 'a', 'c']);
  });

  test('equals are drawn evenly', () => {
    const counts = firsts({ route: routeOf(abc, { strategy: strategy('LEAST_IN_FLIGHT') }) });
    for (const name of ['a', 'b', 'c']) expect(counts[name]).toBeCloseTo(1 / 3, 1);
  });
});

describe('sticky calls', () => {
  const sticky = (targets: readonly Target[]) =>
    routeOf(targets, { strategy: strategy('WEIGHTED', { stickyBy: condition('metadata.session_id', 'string') }) });
  const keys = Array.from({ length: 1000 }, (_, at) => `session-${at}`);
  const firstFor = (targets: readonly Target[], key: string) =>
    order({ route: sticky(targets), labels: { session_id: key } })[0];

  test('go the same way whatever the seed', () => {
    const ways = new Set(
      [1, 2, 3].map((seed) => order({ route: sticky(abc), labels: { session_id: 'x' }, seed }).join()),
    );
    expect(ways.size).toBe(1);
  });

  test('spread by weight', () => {
    const targets = [target('a', { weight: 3 }), target('b', { weight: 1 })];
    expect(keys.filter((key) => firstFor(targets, key) === 'a').length / keys.length).toBeCloseTo(0.75, 1);
  });

  test('move only where their target has left', () => {
    const without = abc.filter(({ name }) => name !== 'b');
    for (const key of keys) {
      const before = firstFor(abc, key);
      if (before !== 'b') expect(firstFor(without, key)).toBe(before);
    }
  });

  test('without a key are ordered as others', () => {
    expect(plan({ route: sticky(abc) }).seed).toBe(1);
    expect(plan({ route: sticky(abc), labels: { session_id: 'x' } }).seed).toBeUndefined();
  });
});

describe('rules', () => {
  const rules = [
    { name: 'free', when: condition('metadata.tier == "free"'), targets: new Set(['b']) },
    { name: 'long', when: condition('request.estimated_input_tokens > 100000'), strategy: strategy('PRICE') },
  ];
  const route = routeOf(abc, { rules });

  test('the first that matches counts', () => {
    expect(plan({ route, labels: { tier: 'free' }, tokens: 200_000 })).toMatchObject({
      rule: 'free',
      targets: [{ name: 'b' }],
    });
    expect(plan({ route, tokens: 200_000 }).rule).toBe('long');
    expect(plan({ route }).rule).toBe('');
  });
});

describe('a target that names another route', () => {
  const inner = routeOf([target('x'), target('y', { region: 'eu' })], { name: 'inner' });
  const entry = target('pool', { provider: '', model: '', route: 'inner' });

  test('stands for that route, in its place and under both names', () => {
    expect(order({ route: routeOf([target('a'), entry, target('b')]), routes: [inner] })).toEqual([
      'a',
      'pool/x',
      'pool/y',
      'b',
    ]);
  });

  test('must meet the constraints of both', () => {
    const route = routeOf([entry], { constraints: { source: 'constraints', regions: ['eu'] } });
    expect(order({ route, routes: [inner] })).toEqual(['pool/y']);
    const strict = { ...inner, constraints: { source: 'constraints' as const, regions: ['eu'] } };
    expect(order({ route: routeOf([entry]), routes: [strict] })).toEqual(['pool/y']);
  });

  test('gives each target once, though it is named twice', () => {
    const again = { ...entry, name: 'again' };
    expect(order({ route: routeOf([entry, again]), routes: [inner] })).toEqual(['pool/x', 'pool/y']);
  });

  test('is left out where its condition is false', () => {
    const conditional = { ...inner, when: condition('request.stream') };
    expect(order({ route: routeOf([target('a'), entry]), routes: [conditional] })).toEqual(['a']);
    expect(order({ route: routeOf([target('a'), entry]), routes: [conditional], stream: true })).toHaveLength(3);
  });

  test('shares its chance among its own', () => {
    const weighted = { ...inner, strategy: strategy('WEIGHTED') };
    const route = routeOf([target('a', { weight: 1 }), { ...entry, weight: 3 }], { strategy: strategy('WEIGHTED') });
    expect(probabilities({ route, routes: [weighted] })).toEqual({ a: 0.25, 'pool/x': 0.375, 'pool/y': 0.375 });
  });
});

describe('fallback', () => {
  test('streams that shall not fall back have one target, other calls have all', () => {
    const route = routeOf(abc, { fallback: { streams: false, allowed: true } });
    expect(order({ route, stream: true })).toEqual(['a']);
    expect(order({ route })).toEqual(['a', 'b', 'c']);
  });
});
