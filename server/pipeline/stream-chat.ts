import type { Decision } from '../../gen/sluice/v1/decision_pb.ts';
import type { StreamStep } from '../dialects/dialect.ts';
import { chatProviderCodec } from '../dialects/registry.ts';
import { toSluiceError } from '../errors/sluice-error.ts';
import { estimateInputTokens } from '../limits/estimate-tokens.ts';
import { viewGeneration } from '../routing/request-view.ts';
import { admit } from './admit.ts';
import { startAttemptTimers } from './attempt-timers.ts';
import type { ChatDeps, ChatInput } from './chat.ts';
import { openStream } from './open-stream.ts';
import { prepare } from './prepare.ts';
import { relayStream } from './relay-stream.ts';
import { runAttempts } from './run-attempts.ts';

/** A stream whose first content is there: from here on it is the caller's. */
export interface CommittedStream {
  /** What is known by now; the whole story comes with the finish event. */
  readonly decision: Decision;
  /**
   * Steps in batches, one for each piece that came from the provider. The last step holds the finish event with the
   * Decision. Throws SluiceError with the Decision when the stream breaks. Must be read to its end or returned.
   */
  readonly batches: AsyncGenerator<readonly StreamStep[], void>;
}

/**
 * Answers a conversation piece by piece. Resolves with the first content; until then nothing is settled for the caller
 * and failures are retried. Throws SluiceError with the Decision on it.
 */
export async function streamChat(deps: ChatDeps, input: ChatInput): Promise<CommittedStream> {
  const admitted = await admit(deps, input, viewGeneration(input.generation, true, estimateInputTokens));
  const { route, plan, settlement } = admitted;
  const { call, controls, generation } = input;
  try {
    const stream = await runAttempts(
      deps,
      { call, settlement, route, plan, maxRetries: controls.maxRetries },
      {
        prepare: (target) => {
          const prepared = prepare(
            {
              input,
              admitted,
              accept: 'text/event-stream',
              codecOf: (provider) => chatProviderCodec(provider.dialect),
              encode: (codec, where) => codec.encodeRequest(generation, { ...where, stream: true }),
            },
            target,
          );
          const { codec, provider } = prepared;
          const createDecoder = () => ({ decoder: codec.createStreamDecoder(provider.quirks), framing: codec.framing });
          return { ...prepared, createDecoder };
        },
        attempt: (prepared, entry) =>
          openStream(deps, prepared, {
            entry,
            requestId: call.requestId,
            timers: startAttemptTimers(deps.clock, route.timeouts, { signal: call.signal, stream: true }),
          }),
      },
    );
    return { decision: settlement.decision(), batches: relayStream({ call, settlement, stream }) };
  } catch (thrown) {
    throw await settlement.fail(toSluiceError(thrown));
  }
}
