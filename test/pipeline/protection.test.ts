import { describe, expect, it } from 'vitest';
import { AttemptReason, type Decision } from '../../gen/sluice/v1/decision_pb.ts';
import type { PooledCredential } from '../../server/config/snapshot.ts';
import { Secret } from '../../server/core/secret.ts';
import type { SluiceError } from '../../server/errors/sluice-error.ts';
import { chat } from '../../server/pipeline/chat.ts';
import type { OutlierPolicy, Target } from '../../server/routing/route.ts';
import type { Upstream } from '../../server/upstream/upstream.ts';
import { settle } from '../support/fake-clock.ts';
import type { Answer } from '../support/fake-upstream.ts';
import { ANSWER, type Bench, type BenchInit, createBench } from '../support/pipeline.ts';

// What keeps targets from harm: queues, ejections, budgets of retries, several credentials.

const JSON_TYPE = { 'content-type': 'application/json' };
const GOOD: Answer = { chunks: [ANSWER], headers: JSON_TYPE };
const status = (code: number, headers: Record<string, string> = {}): Answer => ({
  status: code,
  headers: { ...JSON_TYPE, ...headers },
  chunks: ['{"error":{"message":"no","type":"x","code":null,"param":null}}'],
});
const A: Target = { name: 'a', provider: 'one', model: 'm' };
const B: Target = { name: 'b', provider: 'two', model: 'n' };
const OUTLIERS: OutlierPolicy = {
  consecutiveFailures: 5,
  failureRatio: 0.5,
  minRequests: 20,
  windowMs: 60_000,
  baseEjectionMs: 15_000,
  maxEjectionMs: 300_000,
  maxEjectionPercent: 50,
};

/** The outcome of a call: its Decision, and why it failed where it did. */
type Ending = { readonly decision: Decision | undefined; readonly reason: string };

const ask = (bench: Bench): Promise<Ending> =>
  chat(bench.deps, bench.input()).then(
    ({ response }) => ({ decision: response.decision, reason: 'OK' }),
    (error: SluiceError) => ({ decision: error.decision, reason: error.reason }),
  );

async function ended(bench: Bench): Promise<Ending> {
  const result = ask(bench);
  await bench.clock.advance(1000);
  return result;
}

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(AttemptReason).map(([name, value]) => [value, name]));

const reasons = ({ decision }: Ending): readonly string[] =>
  (decision?.attempts ?? []).map(({ target, reason }) => `${target} ${NAMES.get(reason)}`);

/** A bench whose answers hang on the provider's host, and wait until they are let go where they are 'held'. */
function hosted(init: Omit<BenchInit, 'answers'>, answer: (host: string) => Answer | 'held') {
  const bench = createBench({ ...init, answers: [GOOD] });
  const letGo: (() => void)[] = [];
  const sent: string[] = [];
  const send: Upstream['send'] = async ({ url }) => {
    sent.push(url.hostname);
    const found = answer(url.hostname);
    if (found === 'held') await new Promise<void>((resolve) => letGo.push(resolve));
    const { status: code = 200, headers = {}, chunks = [] } = found === 'held' ? GOOD : found;
    const body = (async function* () {
      for (const chunk of chunks) if (typeof chunk === 'string') yield Buffer.from(chunk);
    })();
    return { status: code, headers, body };
  };
  return { bench: { ...bench, deps: { ...bench.deps, upstream: { send, close: async () => {} } } }, letGo, sent };
}

describe('limits of a target', () => {
  const limits = { maxConcurrency: 1, maxQueue: 1, queueTimeoutMs: 2000 };

  it('send a call to another target while that one has room', async () => {
    const { bench, sent, letGo } = hosted({ targets: [A, B], route: { limits } }, () => 'held');
    const calls = [ask(bench), ask(bench)];
    await settle();
    expect(sent).toEqual(['one.test', 'two.test']);
    for (const go of letGo) go();
    expect((await Promise.all(calls)).map(reasons)).toEqual([['a SUCCESS'], ['b SUCCESS']]);
  });

  it('let calls wait in order where none has room, and go on with whichever is free first', async () => {
    const { bench, sent, letGo } = hosted({ targets: [A, B], route: { limits } }, () => 'held');
    const calls = [ask(bench), ask(bench), ask(bench)];
    await settle();
    expect(sent).toHaveLength(2);
    letGo[1]?.();
    await settle();
    expect(sent).toEqual(['one.test', 'two.test', 'two.test']);
    for (const go of letGo) go();
    expect((await Promise.all(calls)).map(({ reason }) => reason)).toEqual(['OK', 'OK', 'OK']);
  });

  it('refuse what the queue does not hold, and what waits too long, by name and without sending', async () => {
    const { bench, sent, letGo } = hosted({ route: { limits } }, () => 'held');
    const first = ask(bench);
    await settle();
    const waiting = ask(bench);
    await settle();
    const refused = await ask(bench);
    expect(refused.reason).toBe('UPSTREAM_OVERLOADED');
    expect(reasons(refused)).toEqual(['main SATURATED']);
    await bench.clock.advance(2000);
    expect(await waiting).toMatchObject({ reason: 'UPSTREAM_OVERLOADED' });
    expect(sent).toHaveLength(1);
    letGo[0]?.();
    expect((await first).reason).toBe('OK');
    expect(bench.deps.routing.health.figures({ provider: 'one', model: 'm' }).inFlight).toBe(0);
  });

  it('never let more through than they say, however many calls come', async () => {
    const { bench, sent, letGo } = hosted(
      { route: { limits: { ...limits, maxConcurrency: 3, maxQueue: 50 } } },
      () => 'held',
    );
    const calls = Array.from({ length: 20 }, () => ask(bench));
    for (let done = 0; done < 20; done += 1) {
      await settle();
      expect(sent.length - done).toBeLessThanOrEqual(3);
      letGo[done]?.();
    }
    expect((await Promise.all(calls)).every(({ reason }) => reason === 'OK')).toBe(true);
  });
});

describe('a target that fails', () => {
  it('is left alone after five failures, and tried again by one call at a time', async () => {
    let isDown = true;
    const { bench, sent } = hosted(
      { targets: [A, B], retry: { maxAttemptsPerTarget: 1 }, route: { outliers: OUTLIERS } },
      (host) => (host === 'one.test' && isDown ? status(500) : GOOD),
    );
    for (let call = 0; call < 5; call += 1) await ended(bench);
    sent.length = 0;
    expect(reasons(await ended(bench))).toEqual(['b SUCCESS']);
    await bench.clock.advance(16_000);
    expect(reasons(await ended(bench))).toEqual(['a SERVER_ERROR', 'b SUCCESS']);
    expect(reasons(await ended(bench))).toEqual(['b SUCCESS']);
    isDown = false;
    await bench.clock.advance(40_000);
    const calls = await Promise.all([ended(bench), ended(bench)]);
    expect(calls.map(reasons)).toEqual([['a SUCCESS'], ['b SUCCESS']]);
  });

  it('is not left alone for limiting the rate', async () => {
    const bench = createBench({
      answers: [status(429, { 'retry-after': '0' })],
      retry: { maxAttemptsPerTarget: 1 },
      route: { outliers: OUTLIERS },
    });
    for (let call = 0; call < 30; call += 1) await ended(bench);
    expect(bench.deps.routing.health.seen()[0]?.ejections).toBe(0);
  });

  it('is not left alone because callers have little time', async () => {
    const bench = createBench({
      answers: [{ refuse: 'stall' }],
      retry: { maxAttemptsPerTarget: 1 },
      timeouts: { totalMs: 500 },
      route: { outliers: OUTLIERS },
    });
    for (let call = 0; call < 10; call += 1) expect((await ended(bench)).reason).toBe('DEADLINE_EXCEEDED');
    expect(bench.deps.routing.health.seen()[0]?.ejections).toBe(0);
  });

  it('is not worn down: under a full outage retries add at most a fifth to the calls', async () => {
    const bench = createBench({
      answers: [status(500)],
      retry: { jitter: 'full', backoffBaseMs: 250, budget: { percent: 20, minConcurrency: 3 } },
      route: { outliers: OUTLIERS },
    });
    const calls: Promise<Ending>[] = [];
    for (let second = 0; second < 20; second += 1) {
      for (let each = 0; each < 50; each += 1) {
        for (let burst = 0; burst < 4; burst += 1) calls.push(ask(bench));
        await bench.clock.advance(20);
      }
    }
    await bench.clock.advance(60_000);
    await Promise.all(calls);
    expect(bench.upstream.requests.length / calls.length).toBeLessThanOrEqual(1.2);
    expect(bench.upstream.requests.length).toBeGreaterThan(calls.length);
  }, 60_000);
});

describe('a wait that a provider asks for', () => {
  it('is not waited for while there is another target', async () => {
    const { bench } = hosted({ targets: [A, B], retry: { maxAttemptsPerTarget: 3 } }, (host) =>
      host === 'one.test' ? status(429, { 'retry-after': '5' }) : GOOD,
    );
    expect(reasons(await ended(bench))).toEqual(['a RATE_LIMITED', 'b SUCCESS']);
  });

  it('is waited for where there is none', async () => {
    const bench = createBench({ answers: [status(429, { 'retry-after': '5' }), GOOD] });
    const result = ask(bench);
    await bench.clock.advance(4999);
    expect(bench.upstream.requests).toHaveLength(1);
    await bench.clock.advance(1);
    expect(reasons(await result)).toEqual(['main RATE_LIMITED', 'main SUCCESS']);
  });

  it('is not begun where less time would be left than answers usually take', async () => {
    const bench = createBench({ answers: [status(500), GOOD], timeouts: { totalMs: 1500 } });
    const { health } = bench.deps.routing;
    for (let seen = 0; seen < 8; seen += 1) {
      const watch = health.begin({ provider: 'one', model: 'm' }, { stream: false });
      await bench.clock.advance(3000);
      watch.contentSeen();
      watch.succeed(1);
    }
    expect(reasons(await ended(bench))).toEqual(['main SERVER_ERROR']);
  });
});

describe('several credentials of a provider', () => {
  const credential = (name: string, weight = 1): PooledCredential => ({
    name,
    weight,
    headers: new Map([['authorization', new Secret(`Bearer ${name}`)]]),
    auth: undefined,
  });
  const used = (bench: Bench): readonly (string | undefined)[] =>
    bench.upstream.requests.map(({ headers }) => headers.authorization);

  it.each([401, 402, 403, 429])(
    'are tried one after the other where one gets %i, before the next target',
    async (code) => {
      const bench = createBench({
        answers: [status(code), GOOD],
        targets: [A, B],
        pool: [credential('x'), credential('y', 0)],
      });
      const ending = await ended(bench);
      expect(used(bench)).toEqual(['Bearer x', 'Bearer y']);
      expect(ending.decision?.attempts.map(({ target, credential: name }) => [target, name])).toEqual([
        ['a', 'x'],
        ['a', 'y'],
      ]);
      expect(
        JSON.stringify(ending.decision, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
      ).not.toContain('Bearer');
    },
  );

  it('rest after a refusal, while the target does not', async () => {
    const bench = createBench({
      answers: [status(401), GOOD],
      pool: [credential('x'), credential('y', 0)],
      route: { outliers: OUTLIERS },
    });
    for (let call = 0; call < 6; call += 1) await ended(bench);
    expect(used(bench).slice(1)).toEqual(Array(6).fill('Bearer y'));
    await bench.clock.advance(300_000);
    await ended(bench);
    expect(used(bench).at(-1)).toBe('Bearer x');
  });

  it('throttle the target only once all of them are limited', async () => {
    const bench = createBench({
      answers: [status(429, { 'retry-after': '30' })],
      targets: [A, B],
      pool: [credential('x'), credential('y')],
    });
    const { health } = bench.deps.routing;
    const ending = await ended(bench);
    expect(reasons(ending)).toEqual(['a RATE_LIMITED', 'a RATE_LIMITED', 'b RATE_LIMITED']);
    expect(health.figures(A).throttledUntilMs).toBeGreaterThan(bench.clock.now() + 25_000);
  });
});
