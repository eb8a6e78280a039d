import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, it } from 'vitest';
import { createSluiceClient, SluiceError, type SluiceErrorReason } from '../../clients/ts/src/index.ts';
import { REASON_TABLE } from '../../server/errors/reason-table.ts';
import { aborted, deadAddress, refusal, startGateway } from './gateway.ts';

const QUESTION = { model: 'm', messages: 'hi' };

/** What a promise fails with. */
async function failure(promise: Promise<unknown>): Promise<SluiceError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SluiceError);
  return error as SluiceError;
}

async function clientThatFails(thrown: unknown) {
  const chat = {
    chat() {
      throw thrown;
    },
  };
  return createSluiceClient({ apiKey: 'k', baseUrl: await startGateway({ chat }), maxRetries: 0 });
}

describe.each([
  ['connect', '1.1'],
  ['grpc', '2'],
  ['grpc-web', '1.1'],
] as const)('over %s', (protocol, httpVersion) => {
  it('an error has all that the gateway says', async () => {
    const refused = refusal('INVALID_REQUEST', Code.InvalidArgument, {
      retryAfterMs: 1500,
      metadata: { field: 'generation.model' },
      fields: [{ field: 'generation.model', description: 'must not be empty' }],
      decision: { requestId: 'req_decision', attempts: [{ provider: 'p', status: 503 }] },
    });
    const chat = {
      chat() {
        throw refused;
      },
    };
    const baseUrl = await startGateway({ chat }, httpVersion);
    const client = createSluiceClient({ apiKey: 'k', baseUrl, protocol, httpVersion });
    const error = await failure(client.chat(QUESTION));
    expect(error).toMatchObject({
      name: 'SluiceError',
      reason: 'INVALID_REQUEST',
      rawReason: 'INVALID_REQUEST',
      code: Code.InvalidArgument,
      message: 'refused: INVALID_REQUEST',
      retryable: false,
      retryAfterMs: 1500,
      metadata: { field: 'generation.model' },
      violations: [{ field: 'generation.model', description: 'must not be empty' }],
      requestId: 'req_header',
    });
    expect(error.decision?.attempts[0]).toMatchObject({ provider: 'p', status: 503 });
    expect(error.cause).toBeInstanceOf(ConnectError);
  });
});

describe('reasons', () => {
  it('a reason newer than the client is UNKNOWN, keeps its name and is not retried', async () => {
    const client = await clientThatFails(refusal('MOON_TOO_FULL', Code.Unavailable));
    expect(await failure(client.chat(QUESTION))).toMatchObject({
      reason: 'UNKNOWN',
      rawReason: 'MOON_TOO_FULL',
      retryable: false,
    });
  });

  it("an error without the gateway's details is UNKNOWN and keeps its code", async () => {
    const client = await clientThatFails(new ConnectError('who are you', Code.Unauthenticated));
    expect(await failure(client.chat(QUESTION))).toMatchObject({
      reason: 'UNKNOWN',
      rawReason: '',
      code: Code.Unauthenticated,
      message: 'who are you',
    });
  });

  it('a gateway that is not there is CONNECTION, and retryable', async () => {
    const client = createSluiceClient({ apiKey: 'k', baseUrl: await deadAddress(), maxRetries: 0 });
    expect(await failure(client.chat(QUESTION))).toMatchObject({
      reason: 'CONNECTION',
      code: Code.Unavailable,
      retryable: true,
    });
  });

  it.each(Object.entries(REASON_TABLE))('%s is as retryable here as at the gateway', (name, row) => {
    const reason = name as SluiceErrorReason;
    expect(new SluiceError({ reason, code: Code.Unknown, message: '' }).retryable).toBe(row.retryable);
  });
});

describe('deadlines', () => {
  it('a deadline travels to the gateway, ends the call there and is DEADLINE_EXCEEDED here', async () => {
    const seen = Promise.withResolvers<number | undefined>();
    const chat = {
      async chat(_: unknown, context: Parameters<typeof aborted>[0]) {
        const timeoutMs = context.timeoutMs();
        await aborted(context);
        seen.resolve(timeoutMs);
        return {};
      },
    };
    const client = createSluiceClient({ apiKey: 'k', baseUrl: await startGateway({ chat }), timeoutMs: 9000 });
    const error = await failure(client.chat(QUESTION, { timeoutMs: 60 }));
    expect(error).toMatchObject({ reason: 'DEADLINE_EXCEEDED', code: Code.DeadlineExceeded });
    expect(await seen.promise).toBeLessThanOrEqual(60);
  });

  it('a deadline that the gateway noticed is the same', async () => {
    for (const thrown of [
      refusal('DEADLINE_EXCEEDED', Code.DeadlineExceeded),
      new ConnectError('late', Code.DeadlineExceeded),
    ]) {
      const client = await clientThatFails(thrown);
      expect(await failure(client.chat(QUESTION))).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    }
  });

  it.each([-1, 2 ** 31, Number.NaN, Infinity])(
    'a timeout of %s is refused, since no timer holds it',
    async (timeoutMs) => {
      const client = createSluiceClient({ apiKey: 'k', baseUrl: 'http://127.0.0.1:1' });
      await expect(client.chat(QUESTION, { timeoutMs })).rejects.toThrow(RangeError);
    },
  );
});

describe('cancels', () => {
  it("the caller's signal ends the call at the gateway and is CANCELED here, with the signal's reason as cause", async () => {
    const controller = new AbortController();
    const ended = Promise.withResolvers<void>();
    const chat = {
      async chat(_: unknown, context: Parameters<typeof aborted>[0]) {
        controller.abort('enough');
        await aborted(context);
        ended.resolve();
        return {};
      },
    };
    const client = createSluiceClient({ apiKey: 'k', baseUrl: await startGateway({ chat }) });
    const error = await failure(client.chat(QUESTION, { signal: controller.signal }));
    expect(error).toMatchObject({ reason: 'CANCELED', code: Code.Canceled, cause: 'enough', retryable: false });
    await ended.promise;
  });

  it('a call with a signal that has gone off is never sent', async () => {
    let calls = 0;
    const chat = {
      chat() {
        calls += 1;
        return {};
      },
    };
    const client = createSluiceClient({ apiKey: 'k', baseUrl: await startGateway({ chat }) });
    const error = await failure(client.chat(QUESTION, { signal: AbortSignal.abort() }));
    expect(error.reason).toBe('CANCELED');
    expect(calls).toBe(0);
  });
});
