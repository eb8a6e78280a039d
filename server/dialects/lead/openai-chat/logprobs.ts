import { create } from '@bufbuild/protobuf';
import {
  type Logprobs,
  LogprobsSchema,
  type TokenLogprob,
  TokenLogprobSchema,
} from '../../../../gen/sluice/v1/chat_service_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';

/** choices[i].logprobs; undefined where there are none. */
export function decodeLogprobs(value: JsonValue | undefined): Logprobs | undefined {
  if (!isJsonObject(value)) return undefined;
  const content = decodeTokens(value.content);
  const refusal = decodeTokens(value.refusal);
  return content.length + refusal.length === 0 ? undefined : create(LogprobsSchema, { content, refusal });
}

function decodeTokens(value: JsonValue | undefined): TokenLogprob[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((token) => {
    const message = create(TokenLogprobSchema, {
      token: typeof token.token === 'string' ? token.token : '',
      logprob: typeof token.logprob === 'number' ? token.logprob : 0,
      top: decodeTokens(token.top_logprobs),
    });
    if (Array.isArray(token.bytes)) message.utf8 = Uint8Array.from(token.bytes.map(Number));
    return message;
  });
}

/** As OpenAI's schema has it: both lists are there, null where empty. */
export function encodeLogprobs(logprobs: Logprobs | undefined): JsonObject | null {
  if (logprobs === undefined) return null;
  const list = (tokens: readonly TokenLogprob[]) => (tokens.length === 0 ? null : tokens.map(encodeToken));
  return { content: list(logprobs.content), refusal: list(logprobs.refusal) };
}

function encodeToken(token: TokenLogprob): JsonObject {
  return { ...plainToken(token), top_logprobs: token.top.map(plainToken) };
}

function plainToken(token: TokenLogprob): JsonObject {
  return { token: token.token, logprob: token.logprob, bytes: token.utf8 === undefined ? null : [...token.utf8] };
}
