import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';

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

/** How an answer ended, in any dialect's terms. */
export interface Ending {
  readonly reason: FinishReason;
  readonly rawReason: string;
}

/** The format's word for an ending; the provider's own where it is one of this format. null where none is known. */
export function finishWordOf({ reason, rawReason }: Ending): string | null {
  if (reason === FinishReason.UNSPECIFIED) return null;
  if (FINISH_OF_WORD.get(rawReason) === reason) return rawReason;
  for (const [word, meaning] of FINISH_OF_WORD) if (meaning === reason) return word;
  return 'COMPLETE';
}
