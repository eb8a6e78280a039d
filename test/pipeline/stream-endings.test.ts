import { describe, expect, it } from 'vitest';
import { AttemptReason } from '../../gen/sluice/v1/decision_pb.ts';
import { AttemptError } from '../../server/errors/attempt-error.ts';
import { SluiceError } from '../../server/errors/sluice-error.ts';
import { streamChat } from '../../server/pipeline/stream-chat.ts';
import { settle } from '../support/fake-clock.ts';
import type { Answer } from '../support/fake-upstream.ts';
import { type Bench, chunk, createBench, DONE, ROLE, USAGE } from '../support/pipeline.ts';

const HI = chunk({ content: 'Hi' });
const STOP = chunk({}, 'stop');

/** Reads a stream to its end: what came, and the error that ended it. */
async function read(bench: Bench): Promise<{ events: string[]; error: SluiceError | undefined }> {
  const events: string[] = [];
  const work = async () => {
    const { batches } = await streamChat(bench.deps, bench.input());
    for await (const batch of batches) for (const step of batch) events.push(...step.events.map((event) => event.case));
  };
  const result = work().then(
    () => undefined,
    (thrown: unknown) => thrown as SluiceError,
  );
  await bench.clock.advance(120_000);
  return { events, error: await result };
}

describe('a stream after its first content', () => {
  it.each([
    ['ends without its terminal marker', [ROLE, HI], AttemptReason.INTERRUPTED],
    ['ends after the finish reason but without [DONE]', [ROLE, HI, STOP], AttemptReason.INTERRUPTED],
    ['has [DONE] but no finish reason', [ROLE, HI, DONE], AttemptReason.INTERRUPTED],
    ['breaks', [ROLE, HI, new AttemptError('INTERRUPTED', 'reset')], AttemptReason.INTERRUPTED],
    ['stalls', [ROLE, HI, 'stall'], AttemptReason.TIMEOUT],
    ['is malformed', [ROLE, HI, 'data: {oops\n\n'], AttemptReason.MALFORMED],
    [
      'holds an error event',
      [ROLE, HI, 'data: {"error":{"message":"x","type":"server_error"}}\n\n'],
      AttemptReason.SERVER_ERROR,
    ],
  ] as const)('that %s fails with STREAM_INTERRUPTED and never finishes', async (_name, chunks, reason) => {
    const bench = createBench({ answers: [{ chunks } satisfies Answer] });
    const { events, error } = await read(bench);
    expect(error).toMatchObject({ reason: 'STREAM_INTERRUPTED' });
    expect(error?.decision?.attempts).toMatchObject([{ reason }]);
    expect(events).not.toContain('finish');
    expect(events).toContain('partDelta');
    expect(bench.upstream.requests).toHaveLength(1);
    expect(bench.ledger.settled).toMatchObject([{ outcome: { kind: 'failure', reason: 'STREAM_INTERRUPTED' } }]);
  });

  it('that finishes carries usage and the Decision in its last event', async () => {
    const bench = createBench({ answers: [{ chunks: [ROLE, HI, STOP, USAGE, DONE] }] });
    const { batches } = await streamChat(bench.deps, bench.input());
    const events = [];
    for await (const batch of batches) events.push(...batch.flatMap((step) => step.events));
    expect(events.at(-1)).toMatchObject({
      case: 'finish',
      value: {
        usage: { inputTokens: 3, outputTokens: 2 },
        decision: { requestId: 'req_1', usage: { outputTokens: 2 } },
      },
    });
  });

  it('is settled before its finish event goes out', async () => {
    const bench = createBench({ answers: [{ chunks: [ROLE, HI, STOP, USAGE, DONE] }] });
    const { batches } = await streamChat(bench.deps, bench.input());
    for await (const batch of batches) {
      if (batch.some((step) => step.events.some((event) => event.case === 'finish'))) {
        expect(bench.ledger.settled).toHaveLength(1);
      }
    }
    expect.assertions(1);
  });

  it('is given up when its reader leaves, and the usage seen so far is kept', async () => {
    const usage = chunk({ content: ' there' }, null, {
      usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
    });
    const bench = createBench({ answers: [{ chunks: [ROLE, HI, usage, 'stall'] }] });
    const { batches } = await streamChat(bench.deps, bench.input());
    await batches.next();
    await batches.next();
    await batches.return();
    expect(bench.upstream.left).toBe(1);
    expect(bench.ledger.settled).toMatchObject([
      {
        outcome: { kind: 'failure', reason: 'CANCELED' },
        decision: { attempts: [{ reason: AttemptReason.CANCELED, usage: { inputTokens: 3 } }] },
      },
    ]);
  });

  it('is settled by the call’s end even while nobody reads it', async () => {
    const bench = createBench({ answers: [{ chunks: [ROLE, HI, 'stall'] }] });
    const input = bench.input();
    const { batches } = await streamChat(bench.deps, input);
    await batches.next();
    input.call.end(new SluiceError('SHUTTING_DOWN', 'stop'));
    await settle();
    expect(bench.ledger.settled).toMatchObject([{ outcome: { kind: 'failure', reason: 'SHUTTING_DOWN' } }]);
    await expect(batches.next()).rejects.toMatchObject({ reason: 'SHUTTING_DOWN', decision: { requestId: 'req_1' } });
    expect(bench.upstream.left).toBe(1);
  });

  it('whose provider keeps the line open after [DONE] ends soon all the same', async () => {
    const bench = createBench({ answers: [{ chunks: [ROLE, HI, STOP, DONE, 'stall'] }] });
    const { events, error } = await read(bench);
    expect(error).toBeUndefined();
    expect(events.at(-1)).toBe('finish');
  });

  it('is not broken by a caller that reads slowly', async () => {
    const bench = createBench({ answers: [{ chunks: [ROLE, HI, chunk({ content: ' you' }), STOP, DONE] }] });
    const { batches } = await streamChat(bench.deps, bench.input());
    const events: string[] = [];
    for await (const batch of batches) {
      for (const step of batch) events.push(...step.events.map((event) => event.case));
      await bench.clock.advance(5000);
    }
    expect(events.at(-1)).toBe('finish');
  });

  it('takes usage that comes after [DONE]', async () => {
    const bench = createBench({ answers: [{ chunks: [ROLE, HI, STOP, DONE, USAGE] }] });
    await read(bench);
    expect(bench.ledger.settled).toMatchObject([{ decision: { usage: { inputTokens: 3, outputTokens: 2 } } }]);
  });
});

describe('a stream before its first content', () => {
  it.each([
    ['breaks', [ROLE, new AttemptError('INTERRUPTED', 'reset')]],
    ['stalls', [ROLE, 'stall']],
    ['is malformed', ['data: {oops\n\n']],
    ['ends at once', []],
    ['holds only [DONE]', [DONE]],
  ] as const)('that %s is tried again, and the caller sees only the good answer', async (_name, chunks) => {
    const good = { chunks: [ROLE, HI, STOP, USAGE, DONE] };
    const bench = createBench({ answers: [{ chunks }, good] });
    const { events, error } = await read(bench);
    expect(error).toBeUndefined();
    expect(events.filter((event) => event === 'start')).toHaveLength(1);
    expect(bench.upstream.requests).toHaveLength(2);
  });
});
