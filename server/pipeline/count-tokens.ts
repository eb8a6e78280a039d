import { create } from '@bufbuild/protobuf';
import { type CountTokensResponse, CountTokensResponseSchema } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';
import { UsageSource } from '../../gen/sluice/v1/usage_pb.ts';
import { estimateInputTokens } from '../limits/estimate-tokens.ts';
import { type AdmitDeps, admit, type CallInput } from './admit.ts';

export interface CountTokensInput extends CallInput {
  readonly generation: Generation;
}

/** Counts a prompt's tokens. None of today's formats has a counter of its own, so this is an estimate and says so. */
export async function countTokens(deps: AdmitDeps, input: CountTokensInput): Promise<CountTokensResponse> {
  const { settlement } = await admit(deps, input);
  return create(CountTokensResponseSchema, {
    inputTokens: estimateInputTokens(input.generation),
    source: UsageSource.ESTIMATE,
    decision: await settlement.succeed(),
  });
}
