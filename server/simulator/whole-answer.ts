import { create } from '@bufbuild/protobuf';
import { type ChatResponse, ChatResponseSchema } from '../../gen/sluice/v1/chat_service_pb.ts';
import { type AnswerHead, FINGERPRINT, logprobsOf, messagePart } from './answer-events.ts';
import type { AnswerPlan } from './plan.ts';

/** An answer in one piece: what its events would add up to. */
export function wholeAnswer(plan: AnswerPlan, { id, model, createTime, logprobs }: AnswerHead): ChatResponse {
  return create(ChatResponseSchema, {
    id,
    model,
    createTime,
    systemFingerprint: FINGERPRINT,
    choices: plan.choices.map(({ parts, finish, stopText }, index) => ({
      index,
      parts: parts.map((part) => messagePart(part, part.pieces.map(({ text }) => text).join(''))),
      finishReason: finish,
      stopSequence: stopText,
      ...(logprobs !== undefined && {
        logprobs: logprobsOf(
          parts.flatMap((part) => (part.kind === 'text' ? part.pieces : [])),
          logprobs,
        ),
      }),
    })),
    ...(plan.reported && { usage: plan.reported }),
  });
}
