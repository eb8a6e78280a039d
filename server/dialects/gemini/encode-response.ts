import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import type { ChatResponse, Choice } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireBody } from '../dialect.ts';
import { type AnnotatedText, encodeGrounding } from './annotations.ts';
import { encodeAnswerPart } from './answer-content.ts';
import { encodeLogprobs } from './logprobs.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, finishWord } from './wire.ts';

/** The answer as JSON text: the provider's own, where it is of this format; else built from the canonical form. */
export function encodeResponse({
  response,
  wire,
}: {
  readonly response: ChatResponse;
  readonly wire?: WireBody;
}): string {
  if (wire?.dialect === DIALECT && wire.text !== undefined) return wire.text;
  const { id, createTime, model, choices, usage } = response;
  return JSON.stringify({
    candidates: choices.map(encodeChoice),
    usageMetadata: encodeUsage(usage),
    ...answerHead({ id, model, createTime }),
  });
}

/** What each answer, and each chunk of one, says of itself. */
export function answerHead(of: {
  readonly id: string;
  readonly model: string;
  readonly createTime?: Timestamp | undefined;
}): JsonObject {
  return {
    modelVersion: of.model || undefined,
    createTime: of.createTime && timestampDate(of.createTime).toISOString(),
    responseId: of.id || undefined,
  };
}

function encodeChoice({ index, parts, finishReason, logprobs }: Choice): JsonObject {
  const encoded: JsonObject[] = [];
  const texts: AnnotatedText[] = [];
  for (const part of parts) {
    if (part.kind.case === 'text') {
      const { text, annotations } = part.kind.value;
      texts.push({ text, annotations, partIndex: encoded.length });
    }
    encoded.push(...encodeAnswerPart(part));
  }
  return {
    content: { parts: encoded, role: 'model' },
    finishReason: finishWord({ reason: finishReason }).word ?? undefined,
    index,
    groundingMetadata: encodeGrounding(texts),
    logprobsResult: encodeLogprobs(logprobs),
  };
}
