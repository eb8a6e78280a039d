import { create } from '@bufbuild/protobuf';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import {
  type ChatResponse,
  ChatResponseSchema,
  type Choice,
  ChoiceSchema,
} from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Usage } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonValue } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { DecodedResponse } from '../dialect.ts';
import { isComplaint } from '../provider-complaint.ts';
import { countOf, objectOf, parseAnswer, stringOf } from '../read-answer.ts';
import { encodeExtras, extraMembers, type Source, sourcesOf } from './answer-extras.ts';
import { inBandError } from './error.ts';
import { decodeLogprobs } from './logprobs.ts';
import { messageParts } from './message-parts.ts';
import { usageOf } from './usage.ts';
import { DIALECT, failureOfFinish, finishReasonOf } from './wire.ts';

/**
 * An answer in one piece. Throws AttemptError: MALFORMED, EMPTY_RESPONSE without any choice, or what an error object
 * that came instead of choices, or a finish reason, says of a failure.
 */
export function decodeResponse(text: string, quirks: WireQuirks): DecodedResponse<ChatResponse> {
  const json = parseAnswer(text);
  const { choices } = json;
  if (!Array.isArray(choices)) {
    if (isComplaint(json)) throw inBandError(json);
    throw new AttemptError('MALFORMED', 'The provider sent an answer without choices.');
  }
  if (choices.length === 0) throw new AttemptError('EMPTY_RESPONSE', 'The provider sent no choice.');
  const createTime = timeOf(json['created']);
  const usage = usageOf(json, quirks);
  const terms = { quirks, sources: sourcesOf(json), usage };
  const response = create(ChatResponseSchema, {
    id: stringOf(json['id']),
    model: stringOf(json['model']),
    choices: choices.map((choice: JsonValue, position) => choiceOf(choice, position, terms)),
    serviceTier: stringOf(json['service_tier']),
    systemFingerprint: stringOf(json['system_fingerprint']),
    providerExtrasJson: encodeExtras(extraMembers(json)),
    ...(createTime && { createTime }),
    ...(usage && { usage }),
  });
  return { response, wire: { dialect: DIALECT, json, text } };
}

/** Seconds since 1970; undefined where the provider does not say. */
export function timeOf(created: JsonValue | undefined): Timestamp | undefined {
  const seconds = typeof created === 'number' ? countOf(Math.trunc(created)) : undefined;
  return seconds === undefined ? undefined : create(TimestampSchema, { seconds: BigInt(seconds) });
}

interface AnswerTerms {
  readonly quirks: WireQuirks;
  readonly sources: readonly Source[];
  readonly usage: Usage | undefined;
}

function choiceOf(value: JsonValue, position: number, terms: AnswerTerms): Choice {
  const json = objectOf(value);
  const message = objectOf(json?.['message']);
  if (json === undefined || message === undefined) {
    throw new AttemptError('MALFORMED', 'The provider sent a choice without a message.');
  }
  const index = countOf(json['index']) ?? position;
  const rawFinishReason = stringOf(json['finish_reason']);
  const failure = failureOfFinish(rawFinishReason, terms.usage);
  if (failure !== undefined) throw failure;
  const logprobs = decodeLogprobs(json['logprobs']);
  return create(ChoiceSchema, {
    index,
    parts: messageParts(message, { choice: index, ...terms }),
    finishReason: finishReasonOf(rawFinishReason),
    rawFinishReason,
    ...(logprobs && { logprobs }),
  });
}
