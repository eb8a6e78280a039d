import { create } from '@bufbuild/protobuf';
import {
  type Logprobs,
  LogprobsSchema,
  type TokenLogprob,
  TokenLogprobSchema,
} from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { listOf, objectOf, stringOf } from '../read-answer.ts';

/** Stands for a probability that is not given, as for the first token of a repeated prompt. */
const VERY_UNLIKELY = -9999;

/** The parallel lists of a choice; undefined where it has none. */
export function decodeLogprobs(value: JsonValue | undefined): Logprobs | undefined {
  const json = objectOf(value);
  const tokens = listOf(json?.['tokens']);
  if (json === undefined || tokens.length === 0) return undefined;
  const logprobs = listOf(json['token_logprobs']);
  const tops = listOf(json['top_logprobs']);
  return create(LogprobsSchema, {
    content: tokens.map((token, index) => ({
      ...tokenLogprob(stringOf(token), logprobs[index]),
      top: Object.entries(objectOf(tops[index]) ?? {}).map(([other, logprob]) => tokenLogprob(other, logprob)),
    })),
  });
}

function tokenLogprob(token: string, logprob: JsonValue | undefined): TokenLogprob {
  return create(TokenLogprobSchema, { token, logprob: typeof logprob === 'number' ? logprob : VERY_UNLIKELY });
}

/** The logprobs member of a choice: null where none were asked for. offset: where its text begins, in UTF-16 units. */
export function encodeLogprobs(logprobs: Logprobs | undefined, offset: number): JsonValue {
  const content = logprobs?.content ?? [];
  if (content.length === 0) return null;
  let next = offset;
  const text_offset = content.map(({ token }) => {
    const at = next;
    next += token.length;
    return at;
  });
  return {
    tokens: content.map(({ token }) => token),
    token_logprobs: content.map(({ logprob }) => logprob),
    top_logprobs: content.map(({ top }) => topOf(top)),
    text_offset,
  };
}

function topOf(top: readonly TokenLogprob[]): JsonObject {
  return Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]));
}
