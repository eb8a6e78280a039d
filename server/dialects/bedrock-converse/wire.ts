import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { CacheTtl } from '../../../gen/sluice/v1/content_pb.ts';
import type { Usage } from '../../../gen/sluice/v1/usage_pb.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import { type Ending, exactly, type FinishWord, type FinishWords, nearly, wordFor } from '../finish-word.ts';

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
  ['malformed_model_output', FinishReason.OTHER],
  ['malformed_tool_use', FinishReason.OTHER],
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

const MALFORMED: ReadonlySet<string> = new Set(['malformed_model_output', 'malformed_tool_use']);

/**
 * The failure that an answer is in which nothing is said, because the provider could not read what the model wrote:
 * another try, or another target, may do better. undefined for other reasons.
 */
export function failureOfSilence(word: string, usage: Usage | undefined): AttemptError | undefined {
  if (!MALFORMED.has(word)) return undefined;
  return new AttemptError('MALFORMED', 'The model wrote what the provider could not read.', {
    providerCode: word,
    usage,
  });
}

/** An answer that was paused, or ended for a reason that nobody here knows, is not whole: max_tokens says so. */
const WORD_OF_FINISH: FinishWords = {
  [FinishReason.UNSPECIFIED]: exactly(null),
  [FinishReason.STOP]: exactly('end_turn'),
  [FinishReason.LENGTH]: exactly('max_tokens'),
  [FinishReason.TOOL_CALLS]: exactly('tool_use'),
  [FinishReason.CONTENT_FILTER]: exactly('content_filtered'),
  [FinishReason.REFUSAL]: nearly('content_filtered'),
  [FinishReason.PAUSE]: nearly('max_tokens'),
  [FinishReason.OTHER]: nearly('max_tokens'),
};

/** The format's word for an ending; the provider's own where it is one of this format. */
export function finishWord({ reason, rawReason, stopSequence }: Ending): FinishWord {
  if (rawReason !== '' && FINISH_OF_WORD.get(rawReason) === reason) return exactly(rawReason);
  if (reason === FinishReason.STOP && stopSequence !== '') return exactly('stop_sequence');
  return wordFor(WORD_OF_FINISH, reason);
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
