import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { ReasoningEffort, Verbosity } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import {
  type Ending as AnswerEnding,
  exactly,
  type FinishWord,
  type FinishWords,
  nearly,
  wordFor,
} from '../finish-word.ts';
import type { ToolCallIdRule } from '../tool-call-id.ts';

// The words of https://platform.openai.com/docs/api-reference/responses and what they are in the contract.

export const DIALECT = 'openai-responses';

/** Below the provider's base URL, which ends in /v1 at OpenAI. */
export const RESPONSES_PATH = '/responses';

/** Some servers end their streams with it, after the terminal event; OpenAI does not. */
export const DONE = '[DONE]';

/** OpenAI refuses a lower max_output_tokens. */
export const MIN_OUTPUT_TOKENS = 16;

export const CALL_ID_RULE: ToolCallIdRule = { pattern: /^[\s\S]{1,64}$/, length: 40 };

/** Asks for log probabilities, in "include". */
export const INCLUDE_LOGPROBS = 'message.output_text.logprobs';

export const EFFORT_OF_WORD: ReadonlyMap<string, ReasoningEffort> = new Map<string, ReasoningEffort>([
  ['none', ReasoningEffort.NONE],
  ['minimal', ReasoningEffort.MINIMAL],
  ['low', ReasoningEffort.LOW],
  ['medium', ReasoningEffort.MEDIUM],
  ['high', ReasoningEffort.HIGH],
  ['xhigh', ReasoningEffort.XHIGH],
  ['max', ReasoningEffort.MAX],
]);

export const VERBOSITY_OF_WORD: ReadonlyMap<string, Verbosity> = new Map<string, Verbosity>([
  ['low', Verbosity.LOW],
  ['medium', Verbosity.MEDIUM],
  ['high', Verbosity.HIGH],
]);

export const TOOL_MODE_OF_WORD: ReadonlyMap<string, ToolChoiceMode> = new Map<string, ToolChoiceMode>([
  ['none', ToolChoiceMode.NONE],
  ['auto', ToolChoiceMode.AUTO],
  ['required', ToolChoiceMode.REQUIRED],
]);

/** The first word of a map for a value; undefined for values without a word. */
export function wordOf<T>(words: ReadonlyMap<string, T>, value: T): string | undefined {
  for (const [word, meaning] of words) if (meaning === value) return word;
  return undefined;
}

/** Words of incomplete_details.reason. */
const FINISH_OF_REASON: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['max_output_tokens', FinishReason.LENGTH],
  ['max_tokens', FinishReason.LENGTH],
  ['content_filter', FinishReason.CONTENT_FILTER],
]);

/** What is known of a response's end. Members that it leaves out are empty. */
export interface Ending {
  readonly status: string;
  /** incomplete_details.reason. */
  readonly reason: string;
  /** Whether it calls tools of the caller's. */
  readonly calls: boolean;
}

/** Why a response ended, with the word that said so; unspecified where it does not say, which is not to be guessed. */
export function finishOf({ status, reason, calls }: Ending): { readonly reason: FinishReason; readonly raw: string } {
  if (status === 'completed') return { reason: calls ? FinishReason.TOOL_CALLS : FinishReason.STOP, raw: status };
  if (status === '') return { reason: FinishReason.UNSPECIFIED, raw: '' };
  const raw = reason === '' ? status : reason;
  return { reason: FINISH_OF_REASON.get(reason) ?? FinishReason.OTHER, raw };
}

/**
 * A status, or a word of incomplete_details. An answer that was paused, or ended for a reason that nobody here knows or
 * told, is not completed; it is incomplete without a reason.
 */
const WORD_OF_FINISH: FinishWords = {
  [FinishReason.UNSPECIFIED]: nearly('incomplete'),
  [FinishReason.STOP]: exactly('completed'),
  [FinishReason.LENGTH]: exactly('max_output_tokens'),
  [FinishReason.TOOL_CALLS]: exactly('completed'),
  [FinishReason.CONTENT_FILTER]: exactly('content_filter'),
  [FinishReason.REFUSAL]: nearly('content_filter'),
  [FinishReason.PAUSE]: nearly('incomplete'),
  [FinishReason.OTHER]: nearly('incomplete'),
};

/** The nearest of the format's words. */
export function finishWord({ reason }: Pick<AnswerEnding, 'reason'>): FinishWord {
  return wordFor(WORD_OF_FINISH, reason);
}

/** The status of a response that ended so. */
export function statusOf(reason: FinishReason): 'completed' | 'incomplete' {
  return wordFor(WORD_OF_FINISH, reason).word === 'completed' ? 'completed' : 'incomplete';
}

/** The word of incomplete_details; undefined for an answer that came to its end, and where no word is known. */
export function incompleteReasonOf(reason: FinishReason): string | undefined {
  const { word } = wordFor(WORD_OF_FINISH, reason);
  return word === null || word === 'completed' || word === 'incomplete' ? undefined : word;
}

/** Entries of a message's content, apart from items of a conversation, which RawParts of this format may be too. */
export function isContentType(type: string): boolean {
  return /^(?:input|output)_/.test(type) || CONTENT_TYPES.has(type);
}

const CONTENT_TYPES: ReadonlySet<string> = new Set([
  'text',
  'refusal',
  'summary_text',
  'reasoning_text',
  'computer_screenshot',
]);
