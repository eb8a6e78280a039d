import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';

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

/** The nearest of the format's words; null, as in an answer that goes on, where no reason is known. */
export function wordOfFinish(reason: FinishReason): string | null {
  switch (reason) {
    case FinishReason.UNSPECIFIED:
      return null;
    case FinishReason.LENGTH:
      return 'length';
    case FinishReason.CONTENT_FILTER:
    case FinishReason.REFUSAL:
      return 'content_filter';
    default:
      return 'stop';
  }
}
