import { create } from '@bufbuild/protobuf';
import { type ChatResponse, ChatResponseSchema, FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { DecodedResponse } from '../dialect.ts';
import { isComplaint } from '../provider-complaint.ts';
import { objectOf, objectsOf, parseExactAnswer, stringOf } from '../read-answer.ts';
import { decodeBlock, isEmulatedJson } from './answer-blocks.ts';
import { encodeExtras } from './answer-extras.ts';
import { inBandError } from './error.ts';
import { decodeUsage } from './usage.ts';
import { DIALECT, finishReasonOf } from './wire.ts';

/**
 * An answer in one piece. Throws AttemptError: MALFORMED, or what an error object that came instead says. An answer without
 * content is one: refusals are such.
 */
export function decodeResponse(text: string): DecodedResponse<ChatResponse> {
  const json = parseExactAnswer(text);
  if (isComplaint(json)) throw inBandError(json);
  if (!Array.isArray(json['content'])) {
    throw new AttemptError('MALFORMED', 'The provider sent an answer without content.');
  }
  const blocks = objectsOf(json['content']);
  const usage = decodeUsage(json['usage']);
  const rawFinishReason = stringOf(json['stop_reason']);
  const response = create(ChatResponseSchema, {
    id: stringOf(json['id']),
    model: stringOf(json['model']),
    choices: [
      {
        parts: blocks.map(decodeBlock),
        finishReason: endingOf(rawFinishReason, blocks),
        rawFinishReason,
        stopSequence: stringOf(json['stop_sequence']),
      },
    ],
    serviceTier: stringOf(objectOf(json['usage'])?.['service_tier']),
    providerExtrasJson: encodeExtras(json),
    ...(usage && { usage }),
  });
  return { response, wire: { dialect: DIALECT, json, text } };
}

/** An answer whose only calls are its own form has not called a tool of the caller's. */
export function endingOf(word: string, blocks: readonly JsonObject[]): FinishReason {
  const calls = blocks.filter(({ type }) => type === 'tool_use');
  return word === 'tool_use' && calls.length > 0 && calls.every(isEmulatedJson)
    ? FinishReason.STOP
    : finishReasonOf(word);
}
