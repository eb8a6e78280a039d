import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RoutingSort } from '../../gen/sluice/v1/gateway_pb.ts';
import { isEligible } from '../../server/routing/candidate.ts';
import type { ModelFacts } from '../../server/routing/model-facts.ts';
import type { Constraints, StrategyType, Target } from '../../server/routing/route.ts';
import { condition, generation, NOW, plan, routeOf, type Situation, strategy, target } from './bench.ts';

const TYPES: readonly StrategyType[] = [
  'ORDERED',
  'WEIGHTED',
  'ROUND_ROBIN',
  'PEAK_EWMA',
  'LEAST_IN_FLIGHT',
  'LATENCY',
  'THROUGHPUT',
  'PRICE',
];
const NAMES = ['a', 'b', 'c', 'd', 'e'];
const PREDICATE = condition('target.region != "us"');

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

/** Leaves out what is undefined. */
function given<T extends object>(record: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}

const anyTarget = (name: string): fc.Arbitrary<Target> =>
  fc
    .record({
      priority: maybe(fc.nat(2)),
      weight: maybe(fc.nat(5)),
      region: maybe(fc.constantFrom('eu', 'us')),
      dataPolicy: maybe(fc.record({ collects: maybe(fc.boolean()), zeroDataRetention: fc.boolean() })),
      quantization: maybe(fc.constantFrom('fp8', 'int4')),
    })
    .map((more) => target(name, given(more)));

const anyConstraints: fc.Arbitrary<Constraints> = fc
  .record({
    regions: maybe(fc.constant(['eu'])),
    denyDataCollection: maybe(fc.constant(true)),
    zeroDataRetention: maybe(fc.constant(true)),
    capabilities: maybe(fc.constant(['tools'] as const)),
    quantizations: maybe(fc.constant(['fp8'])),
    maxInputPrice: maybe(fc.constant(50n)),
    maxRequestCostNanoUsd: maybe(fc.constant(3n)),
    predicate: maybe(fc.constant(PREDICATE)),
    maxLatency: maybe(fc.record({ ttftP95Ms: fc.constant(100), required: fc.boolean() })),
  })
  .map((some) => ({ source: 'constraints' as const, ...given(some) }));

const anyFacts: fc.Arbitrary<ModelFacts> = fc
  .record({
    contextLength: maybe(fc.constantFrom(100, 10_000)),
    capabilities: maybe(fc.record({ tools: fc.boolean() })),
    price: maybe(fc.record({ input: fc.bigInt(0n, 100n), output: fc.bigInt(0n, 100_000n) })),
  })
  .map(given);

const anyFigures = fc
  .record({
    inFlight: fc.nat(5),
    firstContentMs: maybe(fc.nat(1000)),
    msPerToken: maybe(fc.nat(50)),
    tokensPerSecond: maybe(fc.nat(90)),
    throttledUntilMs: fc.constantFrom(0, NOW + 1000),
    ejectedUntilMs: fc.constantFrom(0, NOW + 1000),
  })
  .map(given);

const byName = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom(...NAMES), arbitrary, { noNullPrototype: true });

const someNames = fc.subarray([...NAMES, 'p-a', 'p-b/m', 'zzz']);

const anyPreferences = fc.record({
  order: someNames,
  only: fc.oneof(fc.constant<string[]>([]), someNames),
  ignore: fc.subarray(['a', 'p-b']),
  zeroDataRetention: fc.boolean(),
  requireParameters: fc.boolean(),
  sort: fc.constantFrom(RoutingSort.UNSPECIFIED, RoutingSort.PRICE, RoutingSort.THROUGHPUT, RoutingSort.LATENCY),
});

/** Any situation of one route with up to five targets. */
const anySituation: fc.Arbitrary<Situation> = fc
  .record({
    count: fc.integer({ min: 1, max: NAMES.length }),
    targets: fc.tuple(...NAMES.map(anyTarget)),
    constraints: maybe(anyConstraints),
    type: maybe(fc.constantFrom(...TYPES)),
    choices: fc.constantFrom('all' as const, 'two' as const),
    sticky: fc.boolean(),
    facts: byName(anyFacts),
    figures: byName(anyFigures),
    p95: byName(fc.nat(200)),
    seed: fc.nat(),
    turn: fc.nat(9),
    tokens: fc.nat(1000),
    stream: fc.boolean(),
    session: fc.constantFrom('', 'x', 'y'),
  })
  .map(({ count, targets, constraints, type, choices, sticky, session, ...rest }) => {
    const stickyBy = condition('metadata.session_id', 'string');
    const chosen = type && strategy(type, { choices, ...(sticky && { stickyBy }) });
    return {
      ...rest,
      generation: generation({ maxOutputTokens: 5 }),
      labels: { session_id: session },
      route: routeOf(targets.slice(0, count), given({ constraints, strategy: chosen })),
    };
  });

const names = (situation: Situation): readonly string[] => plan(situation).targets.map(({ name }) => name);
const RUNS = { numRuns: 1000 };

describe('whatever the situation', () => {
  test('nothing hard is ever relaxed: no target of a plan has a hard rejection', () => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        const made = plan(situation);
        for (const candidate of made.candidates) {
          const isHard = candidate.rejections.some(({ soft }) => !soft);
          const isTried = made.targets.some(({ name }) => name === candidate.name);
          if (isHard) expect(isTried).toBe(false);
          expect(isTried).toBe(isEligible(candidate));
        }
      }),
      RUNS,
    );
  });

  test('a plan is empty only where something hard speaks against every target', () => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        const made = plan(situation);
        const possible = made.candidates.some(({ rejections }) => rejections.every(({ soft }) => soft));
        expect(made.targets.length > 0).toBe(possible);
      }),
      RUNS,
    );
  });

  test('no target stands twice in a plan', () => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        const order = names(situation);
        expect(new Set(order).size).toBe(order.length);
      }),
      RUNS,
    );
  });

  test('the same seed gives the same plan', () => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        expect(names(situation)).toEqual(names(situation));
      }),
      RUNS,
    );
  });

  test('preferences only narrow: they bring no target in that the route keeps out', () => {
    fc.assert(
      fc.property(anySituation, anyPreferences, (situation, preferences) => {
        const without = plan(situation).candidates.filter(({ rejections }) => rejections.every(({ soft }) => soft));
        const allowed = new Set(without.map(({ name }) => name));
        for (const name of names({ ...situation, preferences })) expect(allowed.has(name)).toBe(true);
      }),
      RUNS,
    );
  });

  test('lower priorities come first', () => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        const priorities = plan(situation).targets.map(({ priority = 0 }) => priority);
        expect(priorities).toEqual(priorities.toSorted((left, right) => left - right));
      }),
      RUNS,
    );
  });

  test('the chances of being first add up to one, or there is nobody', () => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        const made = plan(situation);
        const sum = made.candidates.reduce((total, { probability }) => total + probability, 0);
        expect(sum).toBeCloseTo(made.targets.length === 0 ? 0 : 1, 9);
        const first = made.candidates.find(({ name }) => name === made.targets[0]?.name);
        if (first !== undefined) expect(first.probability).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });
});
