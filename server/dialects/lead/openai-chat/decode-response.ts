import { create } from '@bufbuild/protobuf';
import {
  type ChatResponse,
  ChatResponseSchema,
  type Choice,
  ChoiceSchema,
} from '../../../../gen/sluice/v1/chat_service_pb.ts';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import type { WireQuirks } from '../../../core/wire-quirks.ts';
import { AttemptError } from '../../../errors/attempt-error.ts';
import type { DecodedResponse } from '../../dialect.ts';
import { inBandError } from '../openai-error.ts';
import { parseAnswer } from '../read-answer.ts';
import { assistantParts, textOf } from './assistant-parts.ts';
import { createTimeOf, indexOf } from './created.ts';
import { decodeLogprobs } from './logprobs.ts';
import { decodeUsage, usageAt } from './usage.ts';
import { finishReason } from './words.ts';

/** https://platform.openai.com/docs/api-reference/chat/object */
export function decodeResponse(text: string, quirks: WireQuirks): DecodedResponse<ChatResponse> {
  const json = parseAnswer(text);
  if (json.error !== undefined && json.error !== null && !Array.isArray(json.choices)) throw inBandError(json);
  if (!Array.isArray(json.choices)) throw new AttemptError('MALFORMED', 'The answer has no choices.');
  if (json.choices.length === 0) throw new AttemptError('EMPTY_RESPONSE', 'The list of choices is empty.');
  const usage = decodeUsage(json.usage) ?? (quirks.usagePath === undefined ? undefined : usageAt(json, quirks.usagePath));
  const response = create(ChatResponseSchema, {
    id: textOf(json.id),
    model: textOf(json.model),
    choices: json.choices.map((choice, index) => decodeChoice(choice, index, quirks)),
    serviceTier: textOf(json.service_tier),
    systemFingerprint: textOf(json.system_fingerprint),
    ...createTimeOf(json.created),
    ...(usage === undefined ? {} : { usage }),
  });
  return { response, wire: { dialect: 'openai-chat', json, text } };
}

function decodeChoice(choice: unknown, position: number, quirks: WireQuirks): Choice {
  if (!isJsonObject(choice) || !isJsonObject(choice.message)) {
    throw new AttemptError('MALFORMED', `choices[${position}] has no message.`);
  }
  const message: JsonObject = choice.message;
  const rawFinishReason = textOf(choice.finish_reason);
  const logprobs = decodeLogprobs(choice.logprobs);
  return create(ChoiceSchema, {
    index: indexOf(choice.index, position),
    parts: assistantParts(message, quirks.reasoningField),
    finishReason: finishReason(rawFinishReason),
    rawFinishReason,
    ...(logprobs === undefined ? {} : { logprobs }),
  });
}
