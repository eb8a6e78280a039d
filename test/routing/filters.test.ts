import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { DataCollection } from '../../gen/sluice/v1/gateway_pb.ts';
import { ResponseFormatSchema } from '../../gen/sluice/v1/generation_pb.ts';
import { ToolSchema } from '../../gen/sluice/v1/tool_pb.ts';
import type { ModelFacts } from '../../server/routing/model-facts.ts';
import type { Constraints } from '../../server/routing/route.ts';
import { condition, generation, order, plan, reasons, routeOf, type Situation, target } from './bench.ts';

const TOOL = create(ToolSchema, { kind: { case: 'function', value: { name: 'f' } } });
const constrained = (constraints: Partial<Constraints>, targets = [target('a'), target('b')]) =>
  routeOf(targets, { constraints: { source: 'constraints', ...constraints } });
const facts = (a: ModelFacts): Readonly<Record<string, ModelFacts>> => ({ a });

describe('a constraint refuses what does not meet it and what is not known to', () => {
  const [dear, cheap] = [
    { input: 10n ** 9n * 5n, output: 10n ** 9n * 20n },
    { input: 10n ** 9n, output: 10n ** 9n },
  ];
  const cases: readonly (readonly [string, Situation, string])[] = [
    [
      'region',
      { route: constrained({ regions: ['eu'] }, [target('a', { region: 'eu' }), target('b', { region: 'us' })]) },
      'REGION',
    ],
    [
      'region of the catalogue, where every one must be allowed',
      { route: constrained({ regions: ['eu'] }), facts: { a: { regions: ['eu'] }, b: { regions: ['eu', 'us'] } } },
      'REGION',
    ],
    [
      'data collection',
      {
        route: constrained({ denyDataCollection: true }, [
          target('a', { dataPolicy: { collects: false, zeroDataRetention: false } }),
          target('b', { dataPolicy: { collects: undefined, zeroDataRetention: false } }),
        ]),
      },
      'DATA_POLICY',
    ],
    [
      'zero data retention',
      {
        route: constrained({ zeroDataRetention: true }, [
          target('a', { dataPolicy: { collects: undefined, zeroDataRetention: true } }),
          target('b'),
        ]),
      },
      'DATA_POLICY',
    ],
    [
      'a capability',
      { route: constrained({ capabilities: ['tools'] }), facts: facts({ capabilities: { tools: true } }) },
      'CAPABILITY',
    ],
    [
      'a price',
      { route: constrained({ maxOutputPrice: 10n ** 10n }), facts: { a: { price: cheap }, b: { price: dear } } },
      'PRICE',
    ],
    [
      'a cost',
      {
        route: constrained({ maxRequestCostNanoUsd: 200_000n }),
        generation: generation({ maxOutputTokens: 100 }),
        facts: { a: { price: cheap }, b: { price: dear } },
      },
      'COST',
    ],
    [
      'a quantization',
      { route: constrained({ quantizations: ['fp8'] }, [target('a', { quantization: 'fp8' }), target('b')]) },
      'QUANTIZATION',
    ],
    [
      'a predicate',
      {
        route: constrained({ predicate: condition('target.labels.tier != "beta"') }, [
          target('a'),
          target('b', { labels: new Map([['tier', 'beta']]) }),
        ]),
      },
      'PREDICATE',
    ],
    [
      'a required latency',
      { route: constrained({ maxLatency: { ttftP95Ms: 100, required: true } }), p95: { a: 90, b: 110 } },
      'LATENCY_SLO',
    ],
  ];
  test.each(cases)('%s', (_, situation, code) => {
    expect(reasons(situation)).toEqual({ a: [], b: [code] });
    expect(order(situation)).toEqual(['a']);
  });

  test('and is not relaxed where nothing is left', () => {
    for (const [name, situation] of cases) {
      const only = situation.route.targets.filter((each) => each.name === 'b');
      expect(order({ ...situation, route: { ...situation.route, targets: only } }), name).toEqual([]);
    }
  });
});

describe('what a request asks for by itself', () => {
  const [tools, schema] = [
    generation({ tools: [TOOL] }),
    generation({ responseFormat: create(ResponseFormatSchema, { kind: { case: 'jsonSchema', value: {} } }) }),
  ];
  const route = routeOf([target('a'), target('b')]);

  test('refuses a model that is known not to do it, and no other', () => {
    expect(reasons({ route, generation: tools, facts: facts({ capabilities: { tools: false } }) })).toEqual({
      a: ['CAPABILITY'],
      b: [],
    });
    expect(order({ route, generation: schema, facts: facts({ capabilities: { tools: false } }) })).toEqual(['a', 'b']);
  });

  test('refuses every model that is not known to, where the caller wants it known', () => {
    const situation = { route, generation: tools, facts: facts({ capabilities: { tools: true } }) };
    expect(order({ ...situation, preferences: { requireParameters: true } })).toEqual(['a']);
  });

  test('refuses a context that is too short for certain', () => {
    const situation = { route, facts: { a: { contextLength: 1000 }, b: { contextLength: 2000 } } };
    expect(order({ ...situation, tokens: 1200 })).toEqual(['a', 'b']);
    expect(order({ ...situation, tokens: 1300 })).toEqual(['b']);
    expect(order({ ...situation, tokens: 500, generation: generation({ maxOutputTokens: 700 }) })).toEqual(['b']);
  });
});

describe('what a target suffers from', () => {
  const route = routeOf([target('a'), target('b')]);
  const later = 10 ** 13;

  test('leaves it out while there are others', () => {
    expect(order({ route, figures: { a: { throttledUntilMs: later } } })).toEqual(['b']);
    expect(order({ route, figures: { a: { ejectedUntilMs: later } } })).toEqual(['b']);
  });

  test('is relaxed where nothing else is left: ejection first, and it is told', () => {
    const both = { a: { ejectedUntilMs: later }, b: { throttledUntilMs: later } };
    const made = plan({ route, figures: both });
    expect(made.targets.map(({ name }) => name)).toEqual(['a']);
    expect(made.notes).toEqual(['EJECTED_UNTIL is relaxed: it would leave no target']);
    expect(order({ route, figures: { a: { throttledUntilMs: later }, b: { throttledUntilMs: later } } })).toEqual([
      'a',
      'b',
    ]);
  });

  test('is not relaxed in vain: a target that something hard refuses stays refused', () => {
    const refused = constrained({ regions: ['eu'] }, [target('a', { region: 'eu' }), target('b', { region: 'us' })]);
    const made = plan({ route: refused, figures: { a: { throttledUntilMs: later } } });
    expect(made.targets.map(({ name }) => name)).toEqual(['a']);
    expect(order({ route: constrained({ regions: ['mars'] }), figures: { a: { throttledUntilMs: later } } })).toEqual(
      [],
    );
  });

  test('a latency that is only preferred is relaxed last', () => {
    const slow = constrained({ maxLatency: { ttftP95Ms: 100, required: false } });
    expect(order({ route: slow, p95: { a: 500 } })).toEqual(['b']);
    expect(order({ route: slow, p95: { a: 500, b: 500 } })).toEqual(['a', 'b']);
  });
});

describe('preferences narrow', () => {
  const route = routeOf([target('a'), target('b'), target('c')]);
  test.each([
    ['only, by name', { only: ['b'] }, ['b']],
    ['only, by provider', { only: ['p-c', 'a'] }, ['a', 'c']],
    ['only, by address', { only: ['p-c/m'] }, ['c']],
    ['only what is not there', { only: ['zzz'] }, []],
    ['ignore', { ignore: ['a', 'p-b'] }, ['c']],
    ['order', { order: ['c'] }, ['c', 'a', 'b']],
    ['order without fallbacks', { order: ['zzz', 'b'], allowFallbacks: false }, ['b']],
    ['data collection, which nobody has said anything of', { dataCollection: DataCollection.DENY }, []],
    ['a price, which nobody knows', { maxPrice: { $typeName: 'sluice.v1.PriceLimit' as const, prompt: 1 } }, []],
  ])('%s', (_, preferences, expected) => {
    expect(order({ route, preferences })).toEqual(expected);
  });

  test('and do not allow what the route forbids', () => {
    const single = { ...route, fallback: { streams: true, allowed: false } };
    expect(order({ route: single, preferences: { allowFallbacks: true } })).toEqual(['a']);
  });
});
