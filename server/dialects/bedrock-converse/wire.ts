import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { CacheTtl } from '../../../gen/sluice/v1/content_pb.ts';

// The words of https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and what they are in
// the contract. All members of a body are optional to a reader; a content block is an object with one member.

export const DIALECT = 'bedrock-converse';

/** Below the provider's base URL. */
export const CHAT_PATH = '/model/{model}/converse';
export const CHAT_STREAM_PATH = '/model/{model}/converse-stream';

export const EVENT_STREAM_TYPE = 'application/vnd.amazon.eventstream';

/** The header of a message that names its event; kept beside a frame's payload, which does not repeat it. */
export const EVENT_TYPE_HEADER = ':event-type';

/**
 * The tool that a model must call where an answer is to keep to a schema: its input is the answer, and is known by this
 * name without a memory of the request. Callers' tools of the name go by another: see tool-names.ts.
 */
export const JSON_TOOL = 'json';

/** The words that Amazon has; of several for one reason the usual one first. */
const FINISH_OF_WORD: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['end_turn', FinishReason.STOP],
  ['stop_sequence', FinishReason.STOP],
  ['max_tokens', FinishReason.LENGTH],
  ['model_context_window_exceeded', FinishReason.LENGTH],
  ['tool_use', FinishReason.TOOL_CALLS],
  ['content_filtered', FinishReason.CONTENT_FILTER],
  ['guardrail_intervened', FinishReason.CONTENT_FILTER],
  ['refusal', FinishReason.REFUSAL],
]);

/**
 * Why an answer ended; unspecified where the provider does not say, which is not to be guessed. onlyJson: the calls of
 * the answer are none but that of the JSON tool, which is no call to the caller.
 */
export function finishReasonOf(word: string, onlyJson: boolean): FinishReason {
  if (word === '') return FinishReason.UNSPECIFIED;
  if (word === 'tool_use' && onlyJson) return FinishReason.STOP;
  return FINISH_OF_WORD.get(word) ?? FinishReason.OTHER;
}

/** How an answer ended, in any dialect's terms. */
export interface Ending {
  readonly reason: FinishReason;
  readonly rawReason: string;
}

/** The format's word for an ending; the provider's own where it is one of this format. */
export function stopReasonOf({ reason, rawReason }: Ending): string {
  if (FINISH_OF_WORD.get(rawReason) === reason) return rawReason;
  if (reason === FinishReason.REFUSAL) return 'content_filtered';
  return wordOf(FINISH_OF_WORD, reason) ?? 'end_turn';
}

export const TTL_OF_WORD: ReadonlyMap<string, CacheTtl> = new Map<string, CacheTtl>([
  ['5m', CacheTtl.CACHE_TTL_5M],
  ['1h', CacheTtl.CACHE_TTL_1H],
]);

/** Classes of service. "auto", which others have, is what holds where none is named. */
export const TIERS: ReadonlySet<string> = new Set(['default', 'flex', 'priority', 'reserved']);

/** The first word of a map for a value; undefined for values without a word. */
export function wordOf<T>(words: ReadonlyMap<string, T>, value: T): string | undefined {
  for (const [word, meaning] of words) if (meaning === value) return word;
  return undefined;
}
