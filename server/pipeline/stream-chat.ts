import type { Decision } from '../../gen/sluice/v1/decision_pb.ts';
import type { StreamStep } from '../dialects/dialect.ts';
import { chatProviderCodec } from '../dialects/registry.ts';
import { namingDecoder } from '../dialects/restore-tool-names.ts';
import { toSluiceError } from '../errors/sluice-error.ts';
import { estimateInputTokens } from '../limits/estimate-tokens.ts';
import { viewGeneration } from '../routing/request-view.ts';
import type { Target } from '../routing/route.ts';
import { admit } from './admit.ts';
import type { AttemptPlace } from './attempt-kind.ts';
import { startAttemptTimers } from './attempt-timers.ts';
import type { ChatDeps, ChatInput } from './chat.ts';
import { openStream } from './open-stream.ts';
import { prepare } from './prepare.ts';
import { gateAt, qualityGate } from './quality-gate.ts';
import { relayStream } from './relay-stream.ts';
import { repairedInput, repairWarnings } from './repair-request.ts';
import { attemptRun, runAttempts } from './run-attempts.ts';
import { createStreamGate, FIRST_CONTENT } from './stream-gate.ts';

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
  const { route, settlement } = admitted;
  const { call } = input;
  const { fallback } = admitted.plan;
  const quality = qualityGate(fallback, input.generation);
  const prepareFor = (asked: ChatInput, target: Target, { isLast }: AttemptPlace) => {
    const prepared = prepare(
      {
        input: asked,
        admitted,
        accept: 'text/event-stream',
        codecOf: (provider) => chatProviderCodec(provider.dialect),
        encode: (codec, where) => codec.encodeRequest(asked.generation, { ...where, stream: true }),
      },
      target,
    );
    const { codec, provider, request } = prepared;
    if (asked !== input) settlement.addWarnings(repairWarnings(input, provider.dialect));
    const gate = gateAt(quality, isLast);
    return {
      ...prepared,
      target,
      createDecoder: () => ({
        decoder: namingDecoder(codec.createStreamDecoder(provider.quirks), request.toolNames),
        framing: codec.framing,
        decodeWhole: (text: string) => codec.decodeResponse(text, provider.quirks),
      }),
      createGate: () => (gate === undefined ? FIRST_CONTENT : createStreamGate(gate, fallback?.bufferStreams ?? false)),
    };
  };
  try {
    const stream = await runAttempts(deps, attemptRun(input, admitted), {
      prepare: (target, place) => prepareFor(input, target, place),
      repair: ({ target }, error, place) => {
        const repaired = repairedInput(input, error);
        return repaired && prepareFor(repaired, target, place);
      },
      attempt: (prepared, entry) =>
        openStream(deps, prepared, {
          entry,
          requestId: call.requestId,
          timers: startAttemptTimers(deps.clock, route.timeouts, { call, stream: true }),
        }),
    });
    return { decision: settlement.decision(), batches: relayStream({ call, settlement, stream }) };
  } catch (thrown) {
    throw await settlement.fail(toSluiceError(thrown));
  }
}
