import type { ChatResponse } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';
import type { DecodedResponse, WireBody } from '../dialects/dialect.ts';
import { chatProviderCodec } from '../dialects/registry.ts';
import { toSluiceError } from '../errors/sluice-error.ts';
import { estimateInputTokens } from '../limits/estimate-tokens.ts';
import { viewGeneration } from '../routing/request-view.ts';
import { type AdmitDeps, admit, type CallInput } from './admit.ts';
import type { ExchangeDeps } from './exchange.ts';
import { nameAnswer } from './name-answer.ts';
import { prepare } from './prepare.ts';
import { type RunAttemptsDeps, runAttempts } from './run-attempts.ts';
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
  const { route, plan, settlement } = admitted;
  const { call, controls, generation } = input;
  try {
    const answer = await runAttempts(
      deps,
      { call, settlement, route, plan, maxRetries: controls.maxRetries },
      {
        prepare: (target) => {
          const prepared = prepare(
            {
              input,
              admitted,
              accept: 'application/json',
              codecOf: (provider) => chatProviderCodec(provider.dialect),
              encode: (codec, where) => codec.encodeRequest(generation, { ...where, stream: false }),
            },
            target,
          );
          return {
            ...prepared,
            decode: (text: string) => prepared.codec.decodeResponse(text, prepared.provider.quirks),
          };
        },
        attempt: async (prepared, entry) => {
          const answer = await wholeAnswer(deps, prepared, { entry, signal: call.signal, timeouts: route.timeouts });
          nameAnswer(answer.response, { id: call.requestId, model: entry.target.model });
          return answer;
        },
      },
    );
    answer.response.decision = await settlement.succeed();
    return answer;
  } catch (thrown) {
    throw await settlement.fail(toSluiceError(thrown));
  }
}
