import { describe, expect, test } from 'vitest';
import type { Simulator } from '../../server/simulator/simulator.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { connect, fetchRaw, type RawConnection } from './raw-client.ts';
import { chat, simulate, streamed } from './requests.ts';

const PER_TOKEN_MS = 10;
const settings = { latencyMs: 500, tokensPerSecond: 1000 / PER_TOKEN_MS };

/** A request that the simulator has begun to answer. */
async function begin(simulator: Simulator, body: object): Promise<RawConnection> {
  const before = simulator.stats().requests;
  const connection = await connect(simulator.url);
  connection.send({ body, headers: { 'x-request-id': 'req_1', authorization: 'Bearer none' } });
  while (simulator.stats().requests === before) await new Promise((resolve) => setImmediate(resolve));
  return connection;
}

describe('a client that leaves', () => {
  test.each([
    ['before the headers', 0, 0],
    ['after the headers', 500, 0],
    ['after the first token', 500 + PER_TOKEN_MS, 1],
    ['amid a token', 500 + 2.5 * PER_TOKEN_MS, 2],
    ['later', 500 + 7 * PER_TOKEN_MS, 7],
  ])('%s pays for what was made until then', async (_, ms, outputTokens) => {
    const clock = createFakeClock();
    const simulator = await simulate({ clock, ...settings });
    const connection = await begin(simulator, streamed());
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(ms);
    connection.destroy();
    await simulator.idle();
    expect(simulator.invoice.entries()).toEqual([
      expect.objectContaining({
        requestNumber: 1,
        finished: 'client-gone',
        inputTokens: 13,
        outputTokens,
        callerRequestId: 'req_1',
        authorized: true,
      }),
    ]);
    expect(clock.pending).toBe(0);
  });

  test('an answer in one piece pays for what was made until then', async () => {
    const clock = createFakeClock();
    const simulator = await simulate({ clock, ...settings });
    const connection = await begin(simulator, chat());
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(500);
    await clock.advance(4.5 * PER_TOKEN_MS);
    connection.destroy();
    await simulator.idle();
    expect(simulator.invoice.entries()[0]).toMatchObject({ finished: 'client-gone', outputTokens: 4 });
  });

  test('pays for all where the provider bills the whole generation', async () => {
    const simulator = await simulate({ clock: createFakeClock(), ...settings, billing: 'whole' });
    const connection = await begin(simulator, streamed({ model: 'm?output-tokens=40' }));
    connection.destroy();
    await simulator.idle();
    expect(simulator.invoice.entries()[0]).toMatchObject({ finished: 'client-gone', outputTokens: 40 });
  });

  test('is counted, with the time', async () => {
    const clock = createFakeClock();
    const simulator = await simulate({ clock, ...settings });
    const connection = await begin(simulator, streamed());
    expect(simulator.stats()).toMatchObject({ openRequests: 1, openSockets: 1, clientsGone: [] });
    connection.destroy();
    await simulator.idle();
    expect(simulator.stats()).toMatchObject({
      openRequests: 0,
      clientsGone: [{ requestNumber: 1, atMs: clock.now() }],
    });
  });

  test('is noticed though it only closed its own side', async () => {
    const simulator = await simulate({ clock: createFakeClock(), ...settings });
    const connection = await begin(simulator, streamed());
    connection.socket.end();
    await simulator.idle();
    expect(simulator.stats().clientsGone).toHaveLength(1);
  });

  test('is noticed though the simulator has nothing to send', async () => {
    const simulator = await simulate();
    const connection = await begin(simulator, streamed({ model: 'm?fault=no-answer' }));
    connection.destroy();
    await simulator.idle();
    expect(simulator.invoice.entries()[0]).toMatchObject({ finished: 'client-gone', nanoUsd: 0n });
  });
});

test('a client that does not read slows the answer down, and its leaving is noticed', async () => {
  const simulator = await simulate();
  const connection = await connect(simulator.url);
  connection.socket.pause();
  connection.send({ body: streamed({ model: 'm?output-tokens=200000' }) });
  while (simulator.stats().pausedAnswers === 0) await new Promise((resolve) => setImmediate(resolve));
  connection.destroy();
  await simulator.idle();
  const [entry] = simulator.invoice.entries();
  expect(entry?.finished).toBe('client-gone');
  expect(entry?.outputTokens).toBeLessThan(200_000);
  expect(simulator.stats().pausedAnswers).toBe(0);
});

describe('the invoice', () => {
  test('has what the usage of the answers says', async () => {
    const simulator = await simulate();
    const usages = [];
    for (const more of [{}, { n: 2 }, { model: 'simulated-reasoning' }, { model: 'm?cached-tokens=5' }]) {
      const answer = JSON.parse((await fetchRaw(simulator.url, { body: chat(more) })).body.toString());
      usages.push(answer.usage);
      await fetchRaw(simulator.url, { body: streamed(more) });
    }
    await simulator.idle();
    const entries = simulator.invoice.entries();
    expect(entries.map(({ finished }) => finished)).toEqual(Array(8).fill('whole'));
    expect(entries.filter((_, i) => i % 2 === 0)).toEqual(
      usages.map((usage) =>
        expect.objectContaining({
          inputTokens: usage.prompt_tokens,
          outputTokens: usage.completion_tokens,
          cachedTokens: usage.prompt_tokens_details.cached_tokens,
          reasoningTokens: usage.completion_tokens_details.reasoning_tokens,
        }),
      ),
    );
    expect(simulator.invoice.totals().nanoUsd).toBe(entries.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0n));
  });

  test('is read and emptied over HTTP', async () => {
    const { url } = await simulate();
    await fetchRaw(url, { body: chat() });
    const read = async (method: string) => (await fetch(`${url}/invoice`, { method })).json();
    expect(await read('GET')).toMatchObject({
      totals: { requests: 1 },
      entries: [{ requestNumber: 1, finished: 'whole' }],
    });
    expect(await read('DELETE')).toMatchObject({ totals: { requests: 0 }, entries: [] });
    expect(await read('GET')).toMatchObject({ totals: { requests: 0 } });
  });

  test('bills vectors by their input alone', async () => {
    const { url, invoice } = await simulate();
    await fetchRaw(url, { path: '/v1/embeddings', body: { model: 'e', input: ['one two', 'three'] } });
    expect(invoice.entries()[0]).toMatchObject({ model: 'e', inputTokens: 3, outputTokens: 0, nanoUsd: 3000n });
  });
});

test('the simulator closes though answers are open', async () => {
  const simulator = await simulate();
  const connection = await begin(simulator, streamed({ model: 'm?fault=stall' }));
  await simulator.close();
  await connection.ended;
  expect(simulator.stats()).toMatchObject({ openRequests: 0, openSockets: 0 });
});
