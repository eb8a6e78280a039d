import { create } from '@bufbuild/protobuf';
import { type ChatResponse, ChatResponseSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { DecodedResponse } from '../dialect.ts';
import { objectOf, parseAnswer, stringOf } from '../read-answer.ts';
import { encodeExtras } from './answer-extras.ts';
import { decodeMessage } from './answer-parts.ts';
import { failureOfFinish, inBandError } from './error.ts';
import { decodeLogprobs } from './logprobs.ts';
import { decodeUsage } from './usage.ts';
import { DIALECT, finishReasonOf } from './wire.ts';

/**
 * An answer in one piece. It does not name its model. Throws AttemptError: MALFORMED, what an error object that came
 * instead of a message says, or what the finish reason says of a failure.
 */
export function decodeResponse(text: string): DecodedResponse<ChatResponse> {
  const json = parseAnswer(text);
  const message = objectOf(json['message']);
  if (message === undefined) {
    if (typeof json['message'] === 'string') throw inBandError(json);
    throw new AttemptError('MALFORMED', 'The provider sent an answer without a message.');
  }
  const word = stringOf(json['finish_reason']);
  const failure = failureOfFinish(word, stringOf(json['error']));
  if (failure !== undefined) throw failure;
  const { parts, strayCitations } = decodeMessage(message);
  const usage = decodeUsage(json['usage']);
  const logprobs = decodeLogprobs(json['logprobs']);
  const response = create(ChatResponseSchema, {
    id: stringOf(json['id']),
    choices: [{ parts, finishReason: finishReasonOf(word), rawFinishReason: word, ...(logprobs && { logprobs }) }],
    providerExtrasJson: encodeExtras(json, strayCitations),
    ...(usage && { usage }),
  });
  return { response, wire: { dialect: DIALECT, json, text } };
}
