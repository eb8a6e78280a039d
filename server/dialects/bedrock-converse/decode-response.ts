import { create } from '@bufbuild/protobuf';
import { type ChatResponse, ChatResponseSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { DecodedResponse } from '../dialect.ts';
import { objectOf, objectsOf, parseExactAnswer, stringOf } from '../read-answer.ts';
import { decodeBlocks, isJsonCall } from './answer-blocks.ts';
import { encodeExtras, stopSequenceOf, tierOf } from './answer-extras.ts';
import { exceptionError, isException } from './error.ts';
import { decodeUsage } from './usage.ts';
import { DIALECT, failureOfSilence, finishReasonOf } from './wire.ts';

/**
 * An answer in one piece. It names neither itself nor its model. Throws AttemptError: MALFORMED, or what an error object
 * that came instead of a message says.
 */
export function decodeResponse(text: string): DecodedResponse<ChatResponse> {
  const json = parseExactAnswer(text);
  const message = objectOf(objectOf(json['output'])?.['message']);
  if (message === undefined) {
    if (isException(json)) throw exceptionError(objectOf(json['Output']) ?? json, '');
    throw new AttemptError('MALFORMED', 'The provider sent an answer without a message.');
  }
  const content = objectsOf(message['content']);
  const word = stringOf(json['stopReason']);
  const usage = decodeUsage(json['usage']);
  const parts = decodeBlocks(content);
  const failure = parts.length === 0 ? failureOfSilence(word, usage) : undefined;
  if (failure !== undefined) throw failure;
  const response = create(ChatResponseSchema, {
    choices: [
      {
        parts,
        finishReason: finishReasonOf(word, callsOnlyJson(content)),
        rawFinishReason: word,
        stopSequence: stopSequenceOf(json),
      },
    ],
    serviceTier: tierOf(json),
    providerExtrasJson: encodeExtras(json),
    ...(usage && { usage }),
  });
  return { response, wire: { dialect: DIALECT, json, text } };
}

function callsOnlyJson(content: readonly JsonObject[]): boolean {
  const calls = content.map((block) => objectOf(block['toolUse'])).filter((call) => call !== undefined);
  return calls.length > 0 && calls.every(isJsonCall);
}
