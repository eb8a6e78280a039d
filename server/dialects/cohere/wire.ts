import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { type Ending, exactly, type FinishWord, type FinishWords, nearly, wordFor } from '../finish-word.ts';

// The words of https://docs.cohere.com/reference/chat and https://docs.cohere.com/reference/embed, version 2 of the API,
// and what they are in the contract.

export const DIALECT = 'cohere';

/** Below the provider's base URL. */
export const CHAT_PATH = '/v2/chat';
export const EMBED_PATH = '/v2/embed';

/** The words of version 2, then those that version 1 had besides. ERROR and TIMEOUT are failures: see error.ts. */
const FINISH_OF_WORD: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['COMPLETE', FinishReason.STOP],
  ['STOP_SEQUENCE', FinishReason.STOP],
  ['MAX_TOKENS', FinishReason.LENGTH],
  ['TOOL_CALL', FinishReason.TOOL_CALLS],
  ['ERROR_TOXIC', FinishReason.CONTENT_FILTER],
  ['ERROR_LIMIT', FinishReason.LENGTH],
]);

/** Why an answer ended; unspecified where the provider does not say, which is not to be guessed. */
export function finishReasonOf(word: string): FinishReason {
  return word === '' ? FinishReason.UNSPECIFIED : (FINISH_OF_WORD.get(word) ?? FinishReason.OTHER);
}

/** An answer that was paused, or ended for a reason that nobody here knows, is not whole: MAX_TOKENS says so. */
const WORD_OF_FINISH: FinishWords = {
  [FinishReason.UNSPECIFIED]: exactly(null),
  [FinishReason.STOP]: exactly('COMPLETE'),
  [FinishReason.LENGTH]: exactly('MAX_TOKENS'),
  [FinishReason.TOOL_CALLS]: exactly('TOOL_CALL'),
  [FinishReason.CONTENT_FILTER]: exactly('ERROR_TOXIC'),
  [FinishReason.REFUSAL]: nearly('ERROR_TOXIC'),
  [FinishReason.PAUSE]: nearly('MAX_TOKENS'),
  [FinishReason.OTHER]: nearly('MAX_TOKENS'),
};

/** The format's word for an ending; the provider's own where it is one of this format. */
export function finishWord({ reason, rawReason, stopSequence }: Ending): FinishWord {
  if (rawReason !== '' && FINISH_OF_WORD.get(rawReason) === reason) return exactly(rawReason);
  if (reason === FinishReason.STOP && stopSequence !== '') return exactly('STOP_SEQUENCE');
  return wordFor(WORD_OF_FINISH, reason);
}
