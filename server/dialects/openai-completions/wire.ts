import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { type Ending, exactly, type FinishWord, type FinishWords, nearly, wordFor } from '../finish-word.ts';

// The words of https://platform.openai.com/docs/api-reference/completions and what they are in the contract.

export const DIALECT = 'openai-completions';

/** Below the provider's base URL, which ends in /v1 at OpenAI. */
export const COMPLETIONS_PATH = '/completions';

/** Ends a stream, instead of JSON. */
export const DONE = '[DONE]';

/** The most alternatives for each token. */
export const MAX_LOGPROBS = 5;

const FINISH_OF_WORD: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['stop', FinishReason.STOP],
  ['length', FinishReason.LENGTH],
  ['content_filter', FinishReason.CONTENT_FILTER],
  ['eos', FinishReason.STOP], // Together
  ['eos_token', FinishReason.STOP], // TGI
  ['stop_sequence', FinishReason.STOP], // TGI
]);

/** Why an answer ended; unspecified where the provider does not say, which is not to be guessed. */
export function finishReasonOf(word: string): FinishReason {
  return word === '' ? FinishReason.UNSPECIFIED : (FINISH_OF_WORD.get(word) ?? FinishReason.OTHER);
}

/** An answer that was paused, or ended for a reason that nobody here knows, is not whole: of the words, length says so. */
const WORD_OF_FINISH: FinishWords = {
  [FinishReason.UNSPECIFIED]: exactly(null),
  [FinishReason.STOP]: exactly('stop'),
  [FinishReason.LENGTH]: exactly('length'),
  [FinishReason.TOOL_CALLS]: nearly('stop'),
  [FinishReason.CONTENT_FILTER]: exactly('content_filter'),
  [FinishReason.REFUSAL]: nearly('content_filter'),
  [FinishReason.PAUSE]: nearly('length'),
  [FinishReason.OTHER]: nearly('length'),
};

/** The nearest of the format's words. */
export function finishWord({ reason }: Pick<Ending, 'reason'>): FinishWord {
  return wordFor(WORD_OF_FINISH, reason);
}
