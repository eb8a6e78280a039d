import type { ChatResponse } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';
import type { DecodedResponse, WireBody } from '../dialects/dialect.ts';
import { chatProviderCodec } from '../dialects/registry.ts';
import { withToolNames } from '../dialects/restore-tool-names.ts';
import { toSluiceError } from '../errors/sluice-error.ts';
import { estimateInputTokens } from '../limits/estimate-tokens.ts';
import { viewGeneration } from '../routing/request-view.ts';
import type { Target } from '../routing/route.ts';
import { type AdmitDeps, admit, type CallInput } from './admit.ts';
import type { AttemptPlace } from './attempt-kind.ts';
import type { ExchangeDeps } from './exchange.ts';
import { nameAnswer } from './name-answer.ts';
import { prepare } from './prepare.ts';
import { gateAt, passGate, qualityGate } from './quality-gate.ts';
import { repairedInput, repairWarnings } from './repair-request.ts';
import { attemptRun, type RunAttemptsDeps, runAttempts } from './run-attempts.ts';
import { wholeAnswer } from './whole-answer.ts';

export interface ChatDeps extends AdmitDeps, RunAttemptsDeps, ExchangeDeps {}

export interface ChatInput extends CallInput {
  readonly generation: Generation;
  /** The caller's own body, where the door has one. */
  readonly wire?: WireBody;
}

/** Answers a conversation in one piece. Throws SluiceError with the Decision on it. */
export async function chat(deps: ChatDeps, input: ChatInput): Promise<DecodedResponse<ChatResponse>> {
  const admitted = await admit(deps, input, viewGeneration(input.generation, false, estimateInputTokens));
  const { route, settlement } = admitted;
  const { call } = input;
  const quality = qualityGate(admitted.plan.fallback, input.generation);
  const prepareFor = (asked: ChatInput, target: Target, { isLast }: AttemptPlace) => {
    const prepared = prepare(
      {
        input: asked,
        admitted,
        accept: 'application/json',
        codecOf: (provider) => chatProviderCodec(provider.dialect),
        encode: (codec, where) => codec.encodeRequest(asked.generation, { ...where, stream: false }),
      },
      target,
    );
    if (asked !== input) settlement.addWarnings(repairWarnings(input, prepared.provider.dialect));
    const gate = gateAt(quality, isLast);
    const decode = (text: string) => {
      const { codec, provider, request } = prepared;
      const answer = withToolNames(codec.decodeResponse(text, provider.quirks), request.toolNames);
      if (gate !== undefined) passGate(gate, answer.response);
      return answer;
    };
    return { ...prepared, decode, target };
  };
  try {
    const answer = await runAttempts(deps, attemptRun(input, admitted), {
      prepare: (target, place) => prepareFor(input, target, place),
      repair: ({ target }, error, place) => {
        const repaired = repairedInput(input, error);
        return repaired && prepareFor(repaired, target, place);
      },
      attempt: async (prepared, entry) => {
        const answer = await wholeAnswer(deps, prepared, { entry, call, timeouts: route.timeouts });
        nameAnswer(answer.response, { id: call.requestId, model: entry.target.model });
        return answer;
      },
    });
    answer.response.decision = await settlement.succeed();
    return answer;
  } catch (thrown) {
    throw await settlement.fail(toSluiceError(thrown));
  }
}
