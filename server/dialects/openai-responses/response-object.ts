import type { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Usage } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { encodeUsage } from './usage.ts';
import { incompleteReasonOf } from './wire.ts';

/** What a response says of itself from its start. */
export interface ResponseHead {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
}

/** How a response stands. */
export interface ResponseState {
  /** Undefined while it is being made. */
  readonly finish: FinishReason | undefined;
  readonly output: readonly JsonObject[];
  readonly usage?: Usage | undefined;
  readonly serviceTier?: string;
}

/**
 * https://platform.openai.com/docs/api-reference/responses/object. What it would repeat of the request is at its default:
 * an answer of another format does not repeat it.
 */
export function responseObject(head: ResponseHead, { finish, output, usage, serviceTier }: ResponseState): JsonObject {
  const reason = finish === undefined ? undefined : incompleteReasonOf(finish);
  return {
    id: head.id,
    object: 'response',
    created_at: head.createdAt,
    status: statusOf(finish),
    background: false,
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: null,
    max_output_tokens: null,
    model: head.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    service_tier: serviceTier || undefined,
    store: false,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    usage: encodeUsage(usage),
    metadata: {},
  };
}

/** The status of a response that ended so. */
export function statusOf(finish: FinishReason | undefined): 'in_progress' | 'incomplete' | 'completed' {
  if (finish === undefined) return 'in_progress';
  return incompleteReasonOf(finish) === undefined ? 'completed' : 'incomplete';
}
