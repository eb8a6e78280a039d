import { describe, expect, it } from 'vitest';
import { AttemptReason } from '../../gen/sluice/v1/decision_pb.ts';
import { AttemptError } from '../../server/errors/attempt-error.ts';
import { SluiceError } from '../../server/errors/sluice-error.ts';
import { type ChatInput, chat } from '../../server/pipeline/chat.ts';
import { streamChat } from '../../server/pipeline/stream-chat.ts';
import { settle } from '../support/fake-clock.ts';
import type { Answer } from '../support/fake-upstream.ts';
import { ANSWER, type Bench, type BenchInit, chunk, createBench, DONE, ROLE, USAGE } from '../support/pipeline.ts';

/** Both ways of answering, with what a good answer looks like in each: every scenario runs in both. */
const MODES = [
  {
    mode: 'unary',
    good: { chunks: [ANSWER], headers: { 'content-type': 'application/json' } } satisfies Answer,
    run: async (bench: Bench, input: ChatInput) => (await chat(bench.deps, input)).response.decision,
  },
  {
    mode: 'stream',
    good: { chunks: [ROLE, chunk({ content: 'Hi' }), chunk({}, 'stop'), USAGE, DONE] } satisfies Answer,
    run: async (bench: Bench, input: ChatInput) => {
      const { batches } = await streamChat(bench.deps, input);
      const events = [];
      for await (const batch of batches) events.push(...batch.flatMap((step) => step.events));
      const last = events.at(-1);
      return last?.case === 'finish' ? last.value.decision : undefined;
    },
  },
] as const;

const status = (code: number, headers: Record<string, string> = {}): Answer => ({
  status: code,
  headers: { 'content-type': 'application/json', ...headers },
  chunks: ['{"error":{"message":"no","type":"x","code":null,"param":null}}'],
});

/** Runs a call while time passes, so that timers and waits end. */
async function ended<T>(bench: Bench, promise: Promise<T>): Promise<T | SluiceError> {
  const result = promise.catch((thrown: unknown) => thrown as SluiceError);
  await bench.clock.advance(120_000);
  return result;
}

describe.each(MODES)('the attempt engine, $mode', ({ good, run }) => {
  const start = (init: BenchInit, input?: Parameters<Bench['input']>[0]) => {
    const bench = createBench(init);
    return { bench, result: ended(bench, run(bench, bench.input(input))) };
  };

  it('a first answer that is good is the only attempt', async () => {
    const { bench, result } = start({ answers: [good] });
    expect(await result).toMatchObject({ attempts: [{ reason: AttemptReason.SUCCESS, provider: 'one', status: 200 }] });
    expect(bench.upstream.requests).toHaveLength(1);
  });

  it.each([
    ['429', status(429), AttemptReason.RATE_LIMITED],
    ['500', status(500), AttemptReason.SERVER_ERROR],
    ['503', status(503), AttemptReason.OVERLOADED],
    ['a refused connection', { refuse: new AttemptError('CONNECTION', 'refused') }, AttemptReason.CONNECTION],
    [
      'a body that is not JSON',
      { chunks: ['<html>'], headers: { 'content-type': 'text/html' } },
      AttemptReason.MALFORMED,
    ],
  ] as const)('%s is tried again and then answered', async (_name, bad, reason) => {
    const { result } = start({ answers: [bad, good] });
    expect(await result).toMatchObject({ attempts: [{ reason }, { reason: AttemptReason.SUCCESS }] });
  });

  it('retries stop at the route’s bound, and the error tells every attempt', async () => {
    const { bench, result } = start({ answers: [status(500)] });
    const error = await result;
    expect(error).toBeInstanceOf(SluiceError);
    expect(error).toMatchObject({ reason: 'UPSTREAM_UNAVAILABLE', metadata: { provider: 'one', status: '500' } });
    expect((error as SluiceError).decision?.attempts).toHaveLength(3);
    expect(bench.upstream.requests).toHaveLength(3);
  });

  it('the caller can forbid retries', async () => {
    const { bench, result } = start({ answers: [status(500), good] }, { maxRetries: 0 });
    expect(await result).toMatchObject({ reason: 'UPSTREAM_UNAVAILABLE' });
    expect(bench.upstream.requests).toHaveLength(1);
  });

  it.each([
    [400, 'UPSTREAM_REJECTED'],
    [401, 'UPSTREAM_CREDENTIAL_REJECTED'],
    [404, 'MODEL_NOT_FOUND'],
  ] as const)('a status of %i is not tried again', async (code, reason) => {
    const body = '{"error":{"message":"no","type":"x","code":"model_not_found","param":null}}';
    const bad = code === 404 ? { ...status(code), chunks: [body] } : status(code);
    const { bench, result } = start({ answers: [bad, good] });
    expect(await result).toMatchObject({ reason });
    expect(bench.upstream.requests).toHaveLength(1);
  });

  it('Retry-After is waited for', async () => {
    const { bench, result } = start({ answers: [status(429, { 'retry-after': '7' }), good] });
    await bench.clock.advance(0);
    const decision = await result;
    expect(decision).toMatchObject({ attempts: [{ retryAfter: { seconds: 7n } }, {}] });
    const [first, second] = (decision as { attempts: { startTime?: { seconds: bigint } }[] }).attempts;
    expect((second?.startTime?.seconds ?? 0n) - (first?.startTime?.seconds ?? 0n)).toBe(7n);
  });

  it('a Retry-After longer than the route waits ends the call and is told to the caller', async () => {
    const { result } = start({ answers: [status(429, { 'retry-after': '60' }), good] });
    expect(await result).toMatchObject({ reason: 'UPSTREAM_RATE_LIMITED', retryAfterMs: 60_000 });
  });

  it('a provider that never answers times out and the next target answers', async () => {
    const { bench, result } = start({
      answers: [{ refuse: 'stall' }, good],
      targets: [
        { name: 'a', provider: 'one', model: 'm' },
        { name: 'b', provider: 'two', model: 'n' },
      ],
      retry: { maxAttemptsPerTarget: 1 },
    });
    expect(await result).toMatchObject({
      attempts: [
        { target: 'a', reason: AttemptReason.TIMEOUT },
        { target: 'b', reason: AttemptReason.SUCCESS },
      ],
    });
    expect(bench.upstream.requests[1]?.url.hostname).toBe('two.test');
  });

  it('the call’s own deadline ends it, not the attempt’s failure', async () => {
    const { bench, result } = start({ answers: [{ refuse: 'stall' }], timeouts: { totalMs: 1000 } });
    expect(await result).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    expect(bench.upstream.requests).toHaveLength(1);
  });

  it('a wait that the deadline does not allow is not begun', async () => {
    const { bench, result } = start({
      answers: [status(429, { 'retry-after': '10' }), good],
      timeouts: { totalMs: 5000 },
    });
    expect(await result).toMatchObject({ reason: 'UPSTREAM_RATE_LIMITED' });
    expect(bench.upstream.requests).toHaveLength(1);
  });

  it('a caller that goes away during a wait ends the call at once', async () => {
    const bench = createBench({ answers: [status(429, { 'retry-after': '10' }), good] });
    const input = bench.input();
    const result = run(bench, input).catch((thrown: unknown) => thrown);
    await settle();
    input.call.end(new SluiceError('CANCELED', 'gone'));
    expect(await result).toMatchObject({ reason: 'CANCELED' });
    expect(bench.upstream.requests).toHaveLength(1);
  });

  it('every ending settles exactly once and leaves no timer', async () => {
    for (const answers of [[good], [status(500)], [status(400)], [{ refuse: 'stall' as const }]]) {
      const { bench, result } = start({ answers });
      await result;
      expect(bench.ledger.openCalls.size).toBe(0);
      expect(bench.ledger.settled).toHaveLength(1);
      bench.liveCalls.endAll(new SluiceError('SHUTTING_DOWN', 'end'));
      expect(bench.clock.pending).toBe(0);
    }
  });

  it('a wrong key leaves no record and sends nothing', async () => {
    const bench = createBench({ answers: [good] });
    const input = { ...bench.input(), caller: { keySha256: Buffer.alloc(32, 1) } };
    expect(await ended(bench, run(bench, input))).toMatchObject({ reason: 'UNAUTHENTICATED' });
    expect(bench.upstream.requests).toHaveLength(0);
    expect(bench.ledger.settled).toHaveLength(0);
  });

  it('an unknown model is refused before anything is sent', async () => {
    const { bench, result } = start({ answers: [good] }, { model: 'nobody/knows' });
    expect(await result).toMatchObject({
      reason: 'MODEL_NOT_FOUND',
      metadata: { model: 'nobody/knows' },
      decision: { requestId: 'req_1', configRevision: 'r1' },
    });
    expect(bench.upstream.requests).toHaveLength(0);
  });
});
