import { create } from '@bufbuild/protobuf';
import {
  type Logprobs,
  LogprobsSchema,
  type TokenLogprob,
  TokenLogprobSchema,
} from '../../../gen/sluice/v1/chat_service_pb.ts';
import { type JsonObject, type JsonValue, numberOf } from '../../core/json.ts';
import { objectOf, objectsOf, stringOf } from '../read-answer.ts';

/** What is taken where a probability is too small for a number: JSON has no -Infinity. */
const VERY_UNLIKELY = -9999;

/** A candidate's logprobsResult; undefined where it has none. Alternatives stand in a list beside the chosen tokens. */
export function decodeLogprobs(value: JsonValue | undefined): Logprobs | undefined {
  const result = objectOf(value);
  if (result === undefined) return undefined;
  const alternatives = objectsOf(result['topCandidates']);
  const content = objectsOf(result['chosenCandidates']).map((chosen, index) =>
    tokenOf(chosen, objectsOf(alternatives[index]?.['candidates'])),
  );
  return content.length === 0 ? undefined : create(LogprobsSchema, { content });
}

function tokenOf(json: JsonObject, top: readonly JsonObject[]): TokenLogprob {
  const { logProbability } = json;
  return create(TokenLogprobSchema, {
    token: stringOf(json['token']),
    logprob: numberOf(logProbability) ?? VERY_UNLIKELY,
    top: top.map((alternative) => tokenOf(alternative, [])),
  });
}

/** The logprobsResult of a candidate; undefined where none were asked for. */
export function encodeLogprobs(logprobs: Logprobs | undefined): JsonObject | undefined {
  if (logprobs === undefined || logprobs.content.length === 0) return undefined;
  return {
    chosenCandidates: logprobs.content.map(encodeToken),
    topCandidates: logprobs.content.map(({ top }) => ({ candidates: top.map(encodeToken) })),
  };
}

function encodeToken({ token, logprob }: TokenLogprob): JsonObject {
  return { token, logProbability: logprob };
}
