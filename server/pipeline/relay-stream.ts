import type { Decision } from '../../gen/sluice/v1/decision_pb.ts';
import type { StreamStep } from '../dialects/dialect.ts';
import { SluiceError, toSluiceError } from '../errors/sluice-error.ts';
import { streamFailure } from './call-failure.ts';
import type { LiveCall } from './live-call.ts';
import type { OpenStream } from './open-stream.ts';
import type { Settlement } from './settlement.ts';
import { classify } from './try-target.ts';

export interface Relay {
  readonly call: LiveCall;
  readonly settlement: Settlement;
  readonly stream: OpenStream;
}

/**
 * The caller's stream after its first content. It settles the call before its last step goes out, and also when it
 * breaks, when the caller stops reading, and, through the call's signal, when nobody reads at all.
 */
export async function* relayStream(relay: Relay): AsyncGenerator<readonly StreamStep[], void> {
  const { call, settlement, stream } = relay;
  const { entry, decoder, timers } = stream;
  const abandon = (): void => {
    entry.cancel(decoder.usage);
    void settlement.fail(toSluiceError(call.signal.reason));
  };
  call.signal.addEventListener('abort', abandon, { once: true });
  try {
    for await (const batch of allBatches(stream)) yield await withDecision(batch, relay);
    await settlement.succeed();
  } catch (thrown) {
    throw await settlement.fail(breakage(thrown, relay));
  } finally {
    call.signal.removeEventListener('abort', abandon);
    timers.stop();
    // Does nothing after an ending above; otherwise the reader has left.
    await stream.rest.return();
    entry.cancel(decoder.usage);
    if (!settlement.settled) await settlement.fail(new SluiceError('CANCELED', 'The caller stopped reading.'));
  }
}

async function* allBatches(stream: OpenStream): AsyncGenerator<readonly StreamStep[], void> {
  // Taken out, so that a long stream does not hold its beginning to its end.
  yield stream.held.splice(0);
  yield* stream.rest;
}

/** Settles when the finish event is there, before it goes out, and puts the Decision on it. */
async function withDecision(
  batch: readonly StreamStep[],
  { settlement, stream }: Relay,
): Promise<readonly StreamStep[]> {
  for (const step of batch) {
    for (const event of step.events) {
      if (event.case !== 'finish') continue;
      stream.entry.succeed(event.value.usage);
      const decision: Decision = await settlement.succeed();
      event.value.decision = decision;
    }
  }
  return batch;
}

/** What broke the stream, as the caller shall see it. */
function breakage(thrown: unknown, { call, stream }: Relay): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  if (call.signal.aborted) return toSluiceError(call.signal.reason);
  try {
    const error = classify(thrown, call.signal);
    stream.entry.fail(error, stream.decoder.usage);
    return streamFailure(error, stream.entry.target);
  } catch (unknown) {
    return toSluiceError(unknown);
  }
}
