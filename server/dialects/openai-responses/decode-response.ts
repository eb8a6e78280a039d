import { create } from '@bufbuild/protobuf';
import { type Timestamp, TimestampSchema } from '@bufbuild/protobuf/wkt';
import {
  type ChatResponse,
  ChatResponseSchema,
  type Logprobs,
  LogprobsSchema,
} from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { DecodedResponse } from '../dialect.ts';
import { decodeLogprobs } from '../openai-logprobs.ts';
import { isComplaint } from '../provider-complaint.ts';
import { countOf, objectOf, objectsOf, parseAnswer, stringOf } from '../read-answer.ts';
import { inBandError } from './error.ts';
import { itemParts } from './item-parts.ts';
import { usageOf } from './usage.ts';
import { DIALECT, finishOf } from './wire.ts';

/**
 * An answer in one piece. Throws AttemptError: MALFORMED, EMPTY_RESPONSE without any item, SERVER_ERROR where the answer
 * is not whole, or what an error object says.
 */
export function decodeResponse(text: string): DecodedResponse<ChatResponse> {
  const json = parseAnswer(text);
  const { output } = json;
  if (!Array.isArray(output)) {
    if (isComplaint(json)) throw inBandError(json);
    throw new AttemptError('MALFORMED', 'The provider sent a response without output.');
  }
  refuseUnfinished(json);
  if (output.length === 0 && json['status'] === 'completed') {
    throw new AttemptError('EMPTY_RESPONSE', 'The provider sent no item.');
  }
  const parts = outputParts(json);
  const { reason, raw } = endingOf(json, parts);
  const createTime = timeOf(json['created_at']);
  const usage = usageOf(json);
  const logprobs = logprobsOf(json);
  const response = create(ChatResponseSchema, {
    id: stringOf(json['id']),
    model: stringOf(json['model']),
    choices: [{ index: 0, parts, finishReason: reason, rawFinishReason: raw, ...(logprobs && { logprobs }) }],
    serviceTier: stringOf(json['service_tier']),
    ...(createTime && { createTime }),
    ...(usage && { usage }),
  });
  return { response, wire: { dialect: DIALECT, json, text } };
}

/** Statuses of responses that are not, or not yet, an answer. Throws AttemptError. */
export function refuseUnfinished(response: JsonObject): void {
  switch (response['status']) {
    case 'failed':
      throw inBandError(response);
    case 'cancelled':
    case 'queued':
    case 'in_progress':
      throw new AttemptError('SERVER_ERROR', `The provider sent a response that is ${response['status']}.`);
  }
}

/** All parts of a response object's output. */
export function outputParts(response: JsonObject): Part[] {
  return objectsOf(response['output']).flatMap(itemParts);
}

/** Why a response object says that it ended. */
export function endingOf(response: JsonObject, parts: readonly Part[]) {
  return finishOf({
    status: stringOf(response['status']),
    reason: stringOf(objectOf(response['incomplete_details'])?.['reason']),
    calls: parts.some(({ kind }) => kind.case === 'toolCall'),
  });
}

/** Seconds since 1970; undefined where the provider does not say. */
export function timeOf(created: JsonValue | undefined): Timestamp | undefined {
  const seconds = typeof created === 'number' ? countOf(Math.trunc(created)) : undefined;
  return seconds === undefined ? undefined : create(TimestampSchema, { seconds: BigInt(seconds) });
}

/** The log probabilities of all texts, one after the other. */
function logprobsOf(response: JsonObject): Logprobs | undefined {
  const content = objectsOf(response['output'])
    .flatMap((item) => objectsOf(item['content']))
    .flatMap((entry) => decodeLogprobs({ content: entry['logprobs'] })?.content ?? []);
  return content.length === 0 ? undefined : create(LogprobsSchema, { content });
}
