import type { Embedding, EmbedResponse } from '../../gen/sluice/v1/embedding_service_pb.ts';
import type { DecodedResponse, WireBody } from '../dialects/dialect.ts';
import { embeddingProviderCodec } from '../dialects/registry.ts';
import { toSluiceError } from '../errors/sluice-error.ts';
import { viewEmbedding } from '../routing/request-view.ts';
import { type AdmitDeps, admit, type CallInput } from './admit.ts';
import type { ExchangeDeps } from './exchange.ts';
import { nameAnswer } from './name-answer.ts';
import { prepare } from './prepare.ts';
import { attemptRun, type RunAttemptsDeps, runAttempts } from './run-attempts.ts';
import { wholeAnswer } from './whole-answer.ts';

export interface EmbedDeps extends AdmitDeps, RunAttemptsDeps, ExchangeDeps {}

export interface EmbedInput extends CallInput {
  readonly embedding: Embedding;
  /** The caller's own body, where the door has one. */
  readonly wire?: WireBody;
}

/** Embeds each input. Throws SluiceError with the Decision on it. */
export async function embed(deps: EmbedDeps, input: EmbedInput): Promise<DecodedResponse<EmbedResponse>> {
  const admitted = await admit(deps, input, viewEmbedding(input.embedding));
  const { route, settlement } = admitted;
  const { call, embedding } = input;
  try {
    const answer = await runAttempts(deps, attemptRun(input, admitted), {
      prepare: (target) => {
        const prepared = prepare(
          {
            input,
            admitted,
            accept: 'application/json',
            codecOf: (provider) => embeddingProviderCodec(provider.embeddingDialect),
            encode: (codec, where) => codec.encodeRequest(embedding, where),
          },
          target,
        );
        return {
          ...prepared,
          decode: (text: string) => prepared.codec.decodeResponse(text, prepared.provider.quirks),
        };
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
