import { create } from '@bufbuild/protobuf';
import {
  type Logprobs,
  LogprobsSchema,
  type TokenLogprob,
  TokenLogprobSchema,
} from '../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { objectOf, objectsOf, stringOf } from './read-answer.ts';

/** A choice's log probabilities; undefined where it has none. */
export function decodeLogprobs(value: JsonValue | undefined): Logprobs | undefined {
  const json = objectOf(value);
  if (json === undefined) return undefined;
  const content = objectsOf(json['content']).map(decodeToken);
  const refusal = objectsOf(json['refusal']).map(decodeToken);
  return content.length + refusal.length === 0 ? undefined : create(LogprobsSchema, { content, refusal });
}

/** What OpenAI writes where a probability is too small for a number. */
const VERY_UNLIKELY = -9999;

function decodeToken(json: JsonObject): TokenLogprob {
  const { bytes, logprob } = json;
  return create(TokenLogprobSchema, {
    token: stringOf(json['token']),
    logprob: typeof logprob === 'number' ? logprob : VERY_UNLIKELY,
    ...(Array.isArray(bytes) && { utf8: Uint8Array.from(bytes, Number) }),
    top: objectsOf(json['top_logprobs']).map(decodeToken),
  });
}

/** The logprobs member of a choice: null where none were asked for. */
export function encodeLogprobs(logprobs: Logprobs | undefined): JsonValue {
  if (logprobs === undefined) return null;
  return { content: tokensOrNull(logprobs.content), refusal: tokensOrNull(logprobs.refusal) };
}

function tokensOrNull(tokens: readonly TokenLogprob[]): JsonValue {
  return tokens.length === 0
    ? null
    : tokens.map((token) => ({ ...encodeToken(token), top_logprobs: token.top.map(encodeToken) }));
}

function encodeToken({ token, logprob, utf8 }: TokenLogprob): JsonObject {
  return { token, logprob, bytes: utf8 === undefined ? null : [...utf8] };
}
