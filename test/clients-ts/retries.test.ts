import { createServer } from 'node:http';
import { Code } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { describe, expect, it } from 'vitest';
import { type ClientOptions, clientOverTransport, type SluiceClient } from '../../clients/ts/src/index.ts';
import { systemTiming, type Timing } from '../../clients/ts/src/timing.ts';
import { deadAddress, listen, refusal, startGateway, textEvents } from './gateway.ts';

const QUESTION = { model: 'm', messages: 'hi' };

/** Time that passes only by waiting, and chance that always gives the same. */
function fakeTiming(random = 0.5): Timing & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    now: () => waits.reduce((sum, wait) => sum + wait, 0),
    random: () => random,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      waits.push(milliseconds);
    },
  };
}

function clientOf(baseUrl: string, timing: Timing, options: Partial<ClientOptions> = {}): SluiceClient {
  const transport = createConnectTransport({ baseUrl, httpVersion: '1.1' });
  return clientOverTransport(transport, { apiKey: 'k', ...options }, timing);
}

/** A gateway that fails so often before it answers, every kind of call counted together. */
async function startFailing(failures: number, thrown: unknown) {
  const counted = { calls: 0 };
  const answer = () => {
    counted.calls += 1;
    if (counted.calls <= failures) throw thrown;
    return {};
  };
  const baseUrl = await startGateway({
    chat: {
      chat: answer,
      countTokens: answer,
      async *streamChat() {
        answer();
        yield* textEvents(['ok']);
      },
    },
    embedding: { embed: answer },
    model: { listModels: answer, getModel: () => ({ model: {}, ...answer() }) },
  });
  return { baseUrl, counted };
}

const CALLS: readonly [string, (client: SluiceClient) => Promise<unknown>][] = [
  ['chat', (client) => client.chat(QUESTION)],
  ['embed', (client) => client.embed({ model: 'm', inputs: 'a' })],
  ['countTokens', (client) => client.countTokens(QUESTION)],
  ['listModels', (client) => Array.fromAsync(client.listModels())],
  ['getModel', (client) => client.getModel('m')],
  ['streamChat', (client) => client.streamChat(QUESTION).text()],
];

describe.each(CALLS)('%s', (_, send) => {
  it('is sent again when the gateway says that it can help, twice unless told otherwise', async () => {
    const timing = fakeTiming();
    const { baseUrl, counted } = await startFailing(2, refusal('UPSTREAM_OVERLOADED', Code.Unavailable));
    await send(clientOf(baseUrl, timing));
    expect(counted.calls).toBe(3);
    expect(timing.waits).toEqual([250, 500]);
  });

  it('fails with the last error when the retries are used up', async () => {
    const { baseUrl, counted } = await startFailing(9, refusal('SHUTTING_DOWN', Code.Unavailable));
    await expect(send(clientOf(baseUrl, fakeTiming()))).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' });
    expect(counted.calls).toBe(3);
  });

  it.each([
    ['MODEL_NOT_FOUND', Code.NotFound],
    ['INTERNAL', Code.Internal],
    ['REQUEST_TOO_LARGE', Code.ResourceExhausted],
    ['SOMETHING_NEW', Code.Unavailable],
  ])('is sent once when the reason is %s', async (reason, code) => {
    const { baseUrl, counted } = await startFailing(9, refusal(reason, code));
    await expect(send(clientOf(baseUrl, fakeTiming()))).rejects.toMatchObject({ rawReason: reason });
    expect(counted.calls).toBe(1);
  });

  it('is tried again when nobody listens, since nothing was sent', async () => {
    const timing = fakeTiming();
    await expect(send(clientOf(await deadAddress(), timing))).rejects.toMatchObject({ reason: 'CONNECTION' });
    expect(timing.waits).toHaveLength(2);
  });
});

describe('a connection that breaks before the answer', () => {
  it.each(CALLS.map(([name, send]) => [name, send, ['chat', 'embed', 'streamChat'].includes(name) ? 1 : 3] as const))(
    '%s is sent again only where the contract calls it repeatable',
    async (_, send, expected) => {
      let calls = 0;
      const baseUrl = await listen(
        createServer((request) => {
          calls += 1;
          request.resume().once('end', () => request.socket.destroy());
        }),
      );
      await expect(send(clientOf(baseUrl, fakeTiming()))).rejects.toMatchObject({ reason: 'CONNECTION' });
      expect(calls).toBe(expected);
    },
  );
});

describe('a stream', () => {
  it('is never sent again once an event has come', async () => {
    let calls = 0;
    const chat = {
      async *streamChat() {
        calls += 1;
        yield* textEvents(['a']).slice(0, 1);
        throw refusal('UPSTREAM_OVERLOADED', Code.Unavailable);
      },
    };
    const client = clientOf(await startGateway({ chat }), fakeTiming());
    await expect(client.streamChat(QUESTION).text()).rejects.toMatchObject({ reason: 'UPSTREAM_OVERLOADED' });
    expect(calls).toBe(1);
  });

  it('whose connection breaks after an event is STREAM_INTERRUPTED', async () => {
    const baseUrl = await listen(
      createServer((request, response) => {
        response.writeHead(200, { 'content-type': 'application/connect+proto' });
        // One empty message, then half a header of the next.
        response.write(Buffer.from([0, 0, 0, 0, 0, 0, 0]), () => request.socket.destroy());
      }),
    );
    const client = clientOf(baseUrl, fakeTiming());
    await expect(client.streamChat(QUESTION).text()).rejects.toMatchObject({
      reason: 'STREAM_INTERRUPTED',
      rawReason: '',
    });
  });
});

describe('the wait', () => {
  const overloaded = (retryAfterMs: number) =>
    refusal('UPSTREAM_RATE_LIMITED', Code.ResourceExhausted, { retryAfterMs });

  it('is never shorter than the gateway asks for', async () => {
    const timing = fakeTiming(0);
    const { baseUrl } = await startFailing(1, overloaded(1500));
    await clientOf(baseUrl, timing).chat(QUESTION);
    expect(timing.waits).toEqual([1500]);
  });

  it('is left to the caller when it is longer than a minute', async () => {
    const { baseUrl, counted } = await startFailing(1, overloaded(60_001));
    const sent = clientOf(baseUrl, fakeTiming()).chat(QUESTION);
    await expect(sent).rejects.toMatchObject({ retryAfterMs: 60_001 });
    expect(counted.calls).toBe(1);
  });

  it('does not begin when it would go past the deadline: the error comes at once', async () => {
    const { baseUrl, counted } = await startFailing(1, overloaded(2000));
    const sent = clientOf(baseUrl, fakeTiming()).chat(QUESTION, { timeoutMs: 2000 });
    await expect(sent).rejects.toMatchObject({ reason: 'UPSTREAM_RATE_LIMITED' });
    expect(counted.calls).toBe(1);
  });

  it("takes its time out of the call's", async () => {
    const deadlines: (number | undefined)[] = [];
    const chat = {
      chat(_: unknown, context: { timeoutMs(): number | undefined }) {
        deadlines.push(context.timeoutMs());
        if (deadlines.length === 1) throw overloaded(4000);
        return {};
      },
    };
    await clientOf(await startGateway({ chat }), fakeTiming(0), { timeoutMs: 9000 }).chat(QUESTION);
    expect(deadlines[0]).toBeGreaterThan(8000);
    expect(deadlines[1]).toBeLessThanOrEqual(5000);
  });

  it('ends when the caller cancels', async () => {
    const controller = new AbortController();
    const timing: Timing = {
      ...systemTiming,
      sleep(milliseconds, signal) {
        const sleeping = systemTiming.sleep(milliseconds, signal);
        controller.abort('enough');
        return sleeping;
      },
    };
    const { baseUrl, counted } = await startFailing(1, overloaded(50_000));
    const sent = clientOf(baseUrl, timing).chat(QUESTION, { signal: controller.signal });
    await expect(sent).rejects.toMatchObject({ reason: 'CANCELED', cause: 'enough' });
    expect(counted.calls).toBe(1);
  });

  it('grows and is bounded', async () => {
    const timing = fakeTiming(0.999);
    const { baseUrl } = await startFailing(9, refusal('UPSTREAM_TIMEOUT', Code.Unavailable));
    await clientOf(baseUrl, timing, { maxRetries: 9 }).chat(QUESTION);
    expect(timing.waits.map(Math.ceil)).toEqual([500, 999, 1998, 3996, 7992, 7992, 7992, 7992, 7992]);
  });

  it('and the retry are left out where the caller wants none', async () => {
    const { baseUrl, counted } = await startFailing(1, refusal('UPSTREAM_TIMEOUT', Code.Unavailable));
    const sent = clientOf(baseUrl, fakeTiming()).chat(QUESTION, { maxRetries: 0 });
    await expect(sent).rejects.toMatchObject({ reason: 'UPSTREAM_TIMEOUT' });
    expect(counted.calls).toBe(1);
  });
});
