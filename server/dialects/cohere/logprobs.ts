import { create } from '@bufbuild/protobuf';
import { type Logprobs, LogprobsSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { listOf, objectOf, objectsOf, stringOf } from '../read-answer.ts';

/**
 * Log probabilities: [{text, token_ids, logprobs}], an entry for each piece of text, which may hold several tokens. Their
 * texts are not told apart, so that a piece counts as one token, as likely as all of its together.
 */
export function decodeLogprobs(value: JsonValue | undefined): Logprobs | undefined {
  const single = objectOf(value);
  const entries = single === undefined ? objectsOf(value) : [single];
  if (entries.length === 0) return undefined;
  return create(LogprobsSchema, {
    content: entries.map(({ text, logprobs }) => ({
      token: stringOf(text),
      logprob: listOf(logprobs).reduce<number>((sum, one) => sum + (typeof one === 'number' ? one : 0), 0),
    })),
  });
}

/** The same as the format has it; undefined where there are none. */
export function encodeLogprobs(logprobs: Logprobs | undefined): JsonObject[] | undefined {
  return logprobs?.content.map(({ token, logprob }) => ({ token_ids: [], text: token, logprobs: [logprob] }));
}
