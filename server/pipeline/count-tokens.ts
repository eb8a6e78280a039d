import { create } from '@bufbuild/protobuf';
import { type CountTokensResponse, CountTokensResponseSchema } from '../../gen/sluice/v1/chat_service_pb.ts';
import { UsageSource } from '../../gen/sluice/v1/usage_pb.ts';
import type { ProviderSnapshot } from '../config/snapshot.ts';
import type { TokenCountProviderCodec, WireBody } from '../dialects/dialect.ts';
import { chatProviderCodec } from '../dialects/registry.ts';
import { toSluiceError } from '../errors/sluice-error.ts';
import { estimateInputTokens } from '../limits/estimate-tokens.ts';
import { viewGeneration } from '../routing/request-view.ts';
import { type AdmittedCall, admit } from './admit.ts';
import type { ChatDeps, ChatInput } from './chat.ts';
import { prepare } from './prepare.ts';
import { attemptRun, runAttempts } from './run-attempts.ts';
import { wholeAnswer } from './whole-answer.ts';

/** A counted prompt, with the body of the provider that counted, where one did. */
export interface CountedTokens {
  readonly response: CountTokensResponse;
  readonly wire?: WireBody;
}

/**
 * Counts a prompt's tokens: asks the route's providers that have a counter; where none has, the count is an estimate and
 * says so. Throws SluiceError with the Decision on it.
 */
export async function countTokens(deps: ChatDeps, input: ChatInput): Promise<CountedTokens> {
  const admitted = await admit(deps, input, viewGeneration(input.generation, false, estimateInputTokens));
  const { settlement } = admitted;
  try {
    const counted = canCount(admitted) ? await ask(deps, input, admitted) : estimate(input);
    counted.response.decision = await settlement.succeed();
    return counted;
  } catch (thrown) {
    throw await settlement.fail(toSluiceError(thrown));
  }
}

function estimate({ generation }: ChatInput): CountedTokens {
  return {
    response: create(CountTokensResponseSchema, {
      inputTokens: estimateInputTokens(generation),
      source: UsageSource.ESTIMATE,
    }),
  };
}

function ask(deps: ChatDeps, input: ChatInput, admitted: AdmittedCall): Promise<CountedTokens> {
  const { route } = admitted;
  const { call, generation } = input;
  return runAttempts(deps, attemptRun(input, admitted), {
    prepare: (target) => {
      const prepared = prepare(
        {
          input,
          admitted,
          accept: 'application/json',
          codecOf: counterOf,
          encode: (codec, where) => codec.encodeRequest(generation, where),
        },
        target,
      );
      return { ...prepared, decode: (text: string) => decode(prepared.codec, text) };
    },
    attempt: (prepared, entry) => wholeAnswer(deps, prepared, { entry, call, timeouts: route.timeouts }),
  });
}

function decode(codec: TokenCountProviderCodec, text: string) {
  const { inputTokens, wire } = codec.decodeResponse(text);
  const response = create(CountTokensResponseSchema, { inputTokens, source: UsageSource.PROVIDER });
  return { response, ...(wire !== undefined && { wire }) };
}

function canCount({ plan, snapshot }: AdmittedCall): boolean {
  return plan.targets.some(({ provider }) => {
    const found = snapshot.providers.get(provider);
    return found !== undefined && counterOf(found) !== undefined;
  });
}

function counterOf({ dialect }: ProviderSnapshot) {
  const codec = chatProviderCodec(dialect);
  return codec?.tokenCount && { ...codec.tokenCount, decodeError: codec.decodeError };
}
