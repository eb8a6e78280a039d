import { describe, expect, test } from 'vitest';
import { complaintsOf, snapshotOf } from '../support/config.ts';

const PROVIDERS = `providers:
  - name: a
    dialect: openai-chat
    base_url: https://a.example
    region: eu
    labels: {tier: prod, owner: ops}
    data_policy: {collection: DENY, zero_data_retention: true}
`;

/** The parts of the worked configuration whose engines are there. */
const WHOLE = `${PROVIDERS}routes:
  - name: support-chat
    when: 'true'
    constraints:
      regions: [eu]
      data_collection: DENY
      zero_data_retention: true
      capabilities: [tools, json_schema]
      quantizations: []
      max_price: {input: 3.0, output: 15.0}
      max_request_cost: 0.05
      max_latency: {ttft_p95: 2s}
      predicate: 'target.labels.tier != "beta" || metadata.opt_in == "true"'
    rules:
      - when: 'metadata.tier == "free"'
        targets: [cheap]
      - when: 'request.estimated_input_tokens > 100000'
        targets: [long]
    targets:
      - {name: main,  provider: a, model: x, priority: 0, weight: 80}
      - {name: alt,   provider: a, model: y, priority: 0, weight: 20, labels: {tier: beta}, region: us}
      - {name: cheap, provider: a, model: z, priority: 1}
      - {name: long,  provider: a, model: w, priority: 1, when: 'request.estimated_input_tokens > 100000'}
    strategy: {type: PEAK_EWMA, choices: ALL, signal: TTFT, sticky: {by: 'metadata.session_id', ttl: 10m}}
    fallback:
      on: [RATE_LIMITED, OVERLOADED, SERVER_ERROR, TIMEOUT, CONNECTION, CREDENTIAL_REJECTED, CONTEXT_LENGTH_EXCEEDED, SCHEMA_INVALID]
      max_attempts: 4
      stream: BEFORE_FIRST_TOKEN
      allow_fallbacks: true
    retry: {max_attempts_per_target: 1, backoff: {base: 250ms, max: 8s, jitter: FULL}, honor_retry_after: true, max_retry_after: 20s,
            budget: {percent: 20, min_concurrency: 3}}
    timeouts: {total: 120s, per_try: 60s, ttft: 10s, stream_idle: 20s}
    outlier_detection: {consecutive_failures: 4, failure_ratio: 0.25, min_requests: 10, window: 30s, base_ejection: 10s, max_ejection: 200s, max_ejection_percent: 40}
    limits: {max_concurrency: 64, max_queue: 16, queue_timeout: 3s}
`;

/** One route of the provider a, with these lines. */
const route = (lines: string): string => `${PROVIDERS}routes:\n  - name: r\n    ${lines.replaceAll('\n', '\n    ')}\n`;
const TARGETS = 'targets: [{provider: a, model: x}]';

describe('a whole route', () => {
  test('is compiled with everything that it says', async () => {
    const compiled = (await snapshotOf(WHOLE)).routes.get('support-chat');
    expect(compiled).toMatchObject({
      constraints: {
        source: 'constraints',
        regions: ['eu'],
        denyDataCollection: true,
        zeroDataRetention: true,
        capabilities: ['tools', 'json_schema'],
        maxInputPrice: 3_000_000_000n,
        maxOutputPrice: 15_000_000_000n,
        maxRequestCostNanoUsd: 50_000_000n,
        maxLatency: { ttftP95Ms: 2000, required: false },
      },
      rules: [
        { name: 'rules[0]', targets: new Set(['cheap']) },
        { name: 'rules[1]', targets: new Set(['long']) },
      ],
      strategy: { type: 'PEAK_EWMA', choices: 'all', signal: 'ttft' },
      fallback: { maxAttempts: 4, streams: true, allowed: true },
      retry: { budget: { percent: 20, minConcurrency: 3 } },
      outliers: {
        consecutiveFailures: 4,
        failureRatio: 0.25,
        minRequests: 10,
        windowMs: 30_000,
        baseEjectionMs: 10_000,
        maxEjectionMs: 200_000,
        maxEjectionPercent: 40,
      },
      limits: { maxConcurrency: 64, maxQueue: 16, queueTimeoutMs: 3000 },
    });
    expect(compiled?.constraints).not.toHaveProperty('quantizations');
    expect([...(compiled?.fallback?.on ?? [])]).toEqual(
      expect.arrayContaining(['INTERRUPTED', 'SATURATED', 'SCHEMA_INVALID']),
    );
    expect(compiled?.targets[0]).toMatchObject({
      region: 'eu',
      dataPolicy: { collects: false, zeroDataRetention: true },
    });
    expect(compiled?.targets[1]).toMatchObject({ region: 'us', weight: 20 });
    expect([...(compiled?.targets[1]?.labels ?? [])]).toEqual([
      ['tier', 'beta'],
      ['owner', 'ops'],
    ]);
  });
});

describe('what keeps targets from harm where nothing is said', () => {
  test('is outlier detection and a budget of retries, on routes and on addresses', async () => {
    const snapshot = await snapshotOf(route(TARGETS));
    const defaults = {
      retry: { budget: { percent: 20, minConcurrency: 3 } },
      outliers: {
        consecutiveFailures: 5,
        failureRatio: 0.5,
        minRequests: 20,
        windowMs: 60_000,
        baseEjectionMs: 15_000,
        maxEjectionMs: 300_000,
        maxEjectionPercent: 50,
      },
    };
    expect(snapshot.routes.get('r')).toMatchObject(defaults);
    expect(snapshot.routes.get('r')).not.toHaveProperty('limits');
    expect(snapshot.directRoute).toMatchObject(defaults);
  });

  test('a trigger without a source yet leads nowhere, and is no wish for all others', async () => {
    const snapshot = await snapshotOf(route(`${TARGETS}\nfallback: {on: [BUDGET_EXCEEDED]}`));
    expect([...(snapshot.routes.get('r')?.fallback?.on ?? ['none'])]).toEqual([]);
  });
});

describe('the order of targets where no strategy is given', () => {
  test.each([
    ['a plain list is tried as it stands', TARGETS, undefined],
    ['priorities want the best of equals', 'targets: [{provider: a, model: x, priority: 1}]', 'PEAK_EWMA'],
    ['weights want the best of equals', 'targets: [{provider: a, model: x, weight: 1}]', 'PEAK_EWMA'],
    ['an empty strategy is PEAK_EWMA', `${TARGETS}\nstrategy: {}`, 'PEAK_EWMA'],
    ['a number of choices may be written as one', `${TARGETS}\nstrategy: {choices: 2}`, 'PEAK_EWMA'],
  ])('%s', async (_, lines, type) => {
    expect((await snapshotOf(route(lines))).routes.get('r')?.strategy?.type).toBe(type);
  });
});

describe('what is wrong with a route is told with its place', () => {
  test.each([
    [`${TARGETS}\nwhen: request.nope == 1`, '11:5 routes[0].when: reads request.nope, which there is not'],
    [
      `${TARGETS}\nconstraints: {predicate: 'target.nope == ""'}`,
      '11:19 routes[0].constraints.predicate: reads target.nope',
    ],
    [
      `${TARGETS}\nrules: [{when: 'target.region == "eu"'}]`,
      '11:14 routes[0].rules[0].when: reads target, which there is not',
    ],
    [`${TARGETS}\nrules: [{targets: [a/x]}]`, '11:13 routes[0].rules[0].when: is missing'],
    [
      `${TARGETS}\nrules: [{when: 'true', targets: [a/y]}]`,
      'routes[0].rules[0].targets[0]: no target here is named "a/y"; did you mean "a/x"?',
    ],
    [
      'targets: [{provider: a, model: x}, {provider: a, model: x}]\nrules: [{when: "true", targets: [a/x]}]',
      'two targets are named "a/x"',
    ],
    [`${TARGETS}\nstrategy: {sticky: {by: request.stream}}`, 'routes[0].strategy.sticky.by: must give a string'],
    [`${TARGETS}\nstrategy: {type: PRICE, choices: ALL}`, 'routes[0].strategy.choices: is only for PEAK_EWMA'],
    [
      `${TARGETS}\nstrategy: {type: WEIGHTED, signal: TTFT}`,
      'routes[0].strategy.signal: is only for PEAK_EWMA and LATENCY',
    ],
    [
      `${TARGETS}\nconstraints: {max_latency: {mode: REQUIRE}}`,
      'routes[0].constraints.max_latency.ttft_p95: is missing',
    ],
    [`${TARGETS}\nconstraints: {capabilities: [flying]}`, 'must be one of tools, json_object'],
    [`${TARGETS}\nconstraints: {max_request_cost: "1"}`, 'must be a number, without quotes'],
    ['targets: [{route: nowhere}]', 'routes[0].targets[0].route: no route is named "nowhere"'],
    ['targets: [{route: r}]', 'routes[0].targets[0].route: leads in a circle: r -> r'],
    ['targets: [{route: r, provider: a}]', 'routes[0].targets[0].provider: stands beside route'],
    ['targets: [{model: x}]', 'routes[0].targets[0].provider: is missing'],
    ['targets: [{provider: a}]', 'routes[0].targets[0].model: is missing'],
  ])('%s', async (lines, told) => {
    expect((await complaintsOf(route(lines))).join('\n')).toContain(told);
  });

  test('a circle over several routes', async () => {
    const text = `${PROVIDERS}routes:
  - {name: one, targets: [{route: two}]}
  - {name: two, targets: [{provider: a, model: x}, {route: three}]}
  - {name: three, targets: [{route: one}]}
`;
    expect((await complaintsOf(text))[0]).toContain('leads in a circle: one -> two -> three -> one');
  });

  test('routes that multiply one another', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, at) => `  - {name: l${at}, targets: [{route: l${at + 1}}, {route: l${at + 1}}]}`,
    );
    const text = `${PROVIDERS}routes:\n${levels.join('\n')}\n  - {name: l12, targets: [{provider: a, model: x}]}\n`;
    expect((await complaintsOf(text)).join('\n')).toContain('leads to more than 256 targets');
  });

  test('a name after a route without a condition', async () => {
    const text = `${PROVIDERS}routes:
  - {name: r, when: request.stream, ${TARGETS}}
  - {name: r, ${TARGETS}}
  - {name: r, ${TARGETS}}
`;
    expect(await complaintsOf(text)).toEqual(['sluice.yaml:11:6 routes[2].name: "r" is taken by routes[1]']);
  });
});

describe('what no engine carries out yet is refused, not ignored', () => {
  test.each([
    ['hedge: {after: P95_TTFT}', 'hedge: is not a known field'],
    ['mirror: [{target: a, percent: 2}]', 'mirror: is not a known field'],
    ['experiment: {salt: x}', 'experiment: is not a known field'],
    ['cache: {tiers: [EXACT]}', 'cache: is not a known field'],
    ['fallback: {stream: CONTINUE}', 'must be one of BEFORE_FIRST_TOKEN, NEVER'],
  ])('%s', async (line, told) => {
    expect((await complaintsOf(route(`${TARGETS}\n${line}`))).join('\n')).toContain(told);
  });
});
