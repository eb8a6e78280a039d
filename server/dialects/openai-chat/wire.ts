import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { ReasoningEffort, Verbosity } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import type { Usage } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { AttemptError, type AttemptFailure } from '../../errors/attempt-error.ts';
import { type Ending, exactly, type FinishWord, type FinishWords, nearly, wordFor } from '../finish-word.ts';

// The words of https://platform.openai.com/docs/api-reference/chat and what they are in the contract.

export const DIALECT = 'openai-chat';

/** Below the provider's base URL, which ends in /v1 at OpenAI. */
export const CHAT_PATH = '/chat/completions';

/** Ends a stream, instead of JSON. */
export const DONE = '[DONE]';

/** The member of a request that lets the model search the web; the type of the tool that it is in the contract. */
export const WEB_SEARCH = 'web_search_options';

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

/** "any" is Mistral's word for "required". */
export const TOOL_MODE_OF_WORD: ReadonlyMap<string, ToolChoiceMode> = new Map<string, ToolChoiceMode>([
  ['none', ToolChoiceMode.NONE],
  ['auto', ToolChoiceMode.AUTO],
  ['required', ToolChoiceMode.REQUIRED],
  ['any', ToolChoiceMode.REQUIRED],
]);

/** OpenAI's own five words first, then those of servers that are compatible in most things. */
const FINISH_OF_WORD: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['stop', FinishReason.STOP],
  ['length', FinishReason.LENGTH],
  ['tool_calls', FinishReason.TOOL_CALLS],
  ['content_filter', FinishReason.CONTENT_FILTER],
  ['function_call', FinishReason.TOOL_CALLS],
  ['eos', FinishReason.STOP], // Together
  ['eos_token', FinishReason.STOP], // TGI
  ['end_turn', FinishReason.STOP],
  ['stop_sequence', FinishReason.STOP], // TGI
  ['model_length', FinishReason.LENGTH], // Mistral
  ['max_tokens', FinishReason.LENGTH],
  ['tool_use', FinishReason.TOOL_CALLS],
  ['sensitive', FinishReason.CONTENT_FILTER], // Zhipu
  ['refusal', FinishReason.REFUSAL],
]);

/**
 * Words for a failure of the provider in the midst of an answer: DeepSeek's, Zhipu's and OpenRouter's. Such an answer is
 * not one, however much of it came. https://api-docs.deepseek.com/api/create-chat-completion
 */
const FAILURE_OF_WORD: ReadonlyMap<string, AttemptFailure> = new Map<string, AttemptFailure>([
  ['insufficient_system_resource', 'OVERLOADED'],
  ['network_error', 'SERVER_ERROR'],
  ['error', 'SERVER_ERROR'],
]);

/** What a finish reason says of a failure; undefined for all other reasons. */
export function failureOfFinish(word: string, usage: Usage | undefined): AttemptError | undefined {
  const failure = FAILURE_OF_WORD.get(word);
  return failure && new AttemptError(failure, 'The provider failed while it answered.', { providerCode: word, usage });
}

/** Why an answer ended; unspecified where the provider does not say, which is not to be guessed. */
export function finishReasonOf(word: string): FinishReason {
  return word === '' ? FinishReason.UNSPECIFIED : (FINISH_OF_WORD.get(word) ?? FinishReason.OTHER);
}

/** An answer that was paused, or ended for a reason that nobody here knows, is not whole: of the words, length says so. */
const WORD_OF_FINISH: FinishWords = {
  [FinishReason.UNSPECIFIED]: exactly(null),
  [FinishReason.STOP]: exactly('stop'),
  [FinishReason.LENGTH]: exactly('length'),
  [FinishReason.TOOL_CALLS]: exactly('tool_calls'),
  [FinishReason.CONTENT_FILTER]: exactly('content_filter'),
  [FinishReason.REFUSAL]: nearly('content_filter'),
  [FinishReason.PAUSE]: nearly('length'),
  [FinishReason.OTHER]: nearly('length'),
};

/** The nearest of the format's words. */
export function finishWord({ reason }: Pick<Ending, 'reason'>): FinishWord {
  return wordFor(WORD_OF_FINISH, reason);
}

/** The members that say how an answer ended; the provider's own word as OpenRouter has it, where the format has none. */
export function finishMembers({ reason, rawReason }: Omit<Ending, 'stopSequence'>): JsonObject {
  const { word, nearest } = wordFor(WORD_OF_FINISH, reason);
  return { finish_reason: word, ...(nearest && rawReason !== '' && { native_finish_reason: rawReason }) };
}

/** The first word of a map for a value; undefined for values without a word. */
export function wordOf<T>(words: ReadonlyMap<string, T>, value: T): string | undefined {
  for (const [word, meaning] of words) if (meaning === value) return word;
  return undefined;
}
