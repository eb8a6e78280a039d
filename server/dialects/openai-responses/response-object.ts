import type { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Usage } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { encodeUsage } from './usage.ts';
import { incompleteReasonOf, statusOf } from './wire.ts';

/** What a response says of itself from its start. */
export interface ResponseHead {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** The caller's body, which a response repeats; undefined where nobody has it. */
  readonly asked?: JsonObject | undefined;
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
 * https://platform.openai.com/docs/api-reference/responses/object. It repeats what the caller sent; of what was not sent,
 * the members that every response has are at their defaults.
 */
export function responseObject(head: ResponseHead, { finish, output, usage, serviceTier }: ResponseState): JsonObject {
  const reason = finish === undefined ? undefined : incompleteReasonOf(finish);
  return {
    id: head.id,
    object: 'response',
    created_at: head.createdAt,
    status: finish === undefined ? 'in_progress' : statusOf(finish),
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    model: head.model,
    output,
    ...repeated(head.asked),
    service_tier: serviceTier || undefined,
    usage: encodeUsage(usage),
  };
}

/** Members that every response has, as they are where the request says nothing of them. */
const DEFAULTS: JsonObject = {
  instructions: null,
  metadata: {},
  parallel_tool_calls: true,
  temperature: null,
  tool_choice: 'auto',
  tools: [],
  top_p: null,
};

/** Members of a request that its response repeats besides those. Whether it is stored is for the provider to say. */
const REPEATED = [
  ...Object.keys(DEFAULTS),
  'max_output_tokens',
  'max_tool_calls',
  'previous_response_id',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'text',
  'top_logprobs',
  'truncation',
  'user',
];

function repeated(asked: JsonObject | undefined): JsonObject {
  const sent = REPEATED.filter((name) => (asked?.[name] ?? null) !== null).map((name) => [name, asked?.[name]]);
  return { ...DEFAULTS, ...Object.fromEntries(sent) };
}
