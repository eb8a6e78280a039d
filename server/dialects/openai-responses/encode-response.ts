import { create } from '@bufbuild/protobuf';
import {
  type ChatResponse,
  FinishReason,
  type Logprobs,
  PartEndSchema,
  PartStartSchema,
} from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireBody } from '../dialect.ts';
import { encodeLogprobs } from '../openai-logprobs.ts';
import { listOf, objectOf } from '../read-answer.ts';
import { itemJson } from './answer-items.ts';
import { closeOutput, createOutput, type OutputState, writeEvent } from './answer-output.ts';
import { responseObject } from './response-object.ts';
import { DIALECT, statusOf } from './wire.ts';

/**
 * The answer as JSON text: the provider's own, where it is of this format; else built from the canonical form, as a stream
 * of the same parts would end.
 */
export function encodeResponse({
  response,
  wire,
  asked,
}: {
  readonly response: ChatResponse;
  readonly wire?: WireBody;
  readonly asked?: JsonObject;
}): string {
  if (wire?.dialect === DIALECT && wire.text !== undefined) return wire.text;
  const { id, model, createTime, choices, usage, serviceTier } = response;
  const { parts = [], finishReason: finish = FinishReason.UNSPECIFIED, logprobs } = choices[0] ?? {};
  const output = outputOf(parts, id, statusOf(finish));
  return JSON.stringify(
    responseObject(
      { id, model, createdAt: Number(createTime?.seconds ?? 0), asked },
      { finish, output: withLogprobs(output, logprobs), usage, serviceTier },
    ),
  );
}

function outputOf(parts: readonly Part[], responseId: string, status: string): JsonObject[] {
  const output: OutputState = { ...createOutput(), responseId };
  for (const [index, part] of parts.entries()) {
    writeEvent(output, { case: 'partStart', value: create(PartStartSchema, { index, part }) });
    writeEvent(output, { case: 'partEnd', value: create(PartEndSchema, { index }) });
  }
  closeOutput(output, status);
  return output.items.map((item) => itemJson(item));
}

/** The contract has the log probabilities of all texts together; they go to the first one. */
function withLogprobs(output: readonly JsonObject[], logprobs: Logprobs | undefined): readonly JsonObject[] {
  const tokens = listOf(objectOf(encodeLogprobs(logprobs))?.['content']);
  const at = output.findIndex(({ type }) => type === 'message');
  if (tokens.length === 0 || at < 0) return output;
  return output.map((item, index) => (index === at ? { ...item, content: withTokens(item, tokens) } : item));
}

function withTokens(item: JsonObject, tokens: ReturnType<typeof listOf>): ReturnType<typeof listOf> {
  const [first, ...others] = listOf(item['content']);
  return [{ ...objectOf(first), logprobs: tokens }, ...others];
}
