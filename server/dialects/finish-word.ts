import { FinishReason } from '../../gen/sluice/v1/chat_service_pb.ts';

/** How an answer ended, in any dialect's terms. */
export interface Ending {
  readonly reason: FinishReason;
  /** The provider's own word; empty where it has none. */
  readonly rawReason: string;
  /** The stop text that ended it; empty where none did. */
  readonly stopSequence: string;
}

/** A format's word for an ending. */
export interface FinishWord {
  /** null where no reason is known, as in an answer that goes on. */
  readonly word: string | null;
  /** Whether the format has no word that says the same. An answer that is not whole never gets a word for one that is. */
  readonly nearest: boolean;
}

export type FinishWords = Readonly<Record<FinishReason, FinishWord>>;

export const exactly = (word: string | null): FinishWord => ({ word, nearest: false });
export const nearly = (word: string): FinishWord => ({ word, nearest: true });

/** The word for a reason; one that is newer than this table is like one that nobody knows. */
export function wordFor(words: FinishWords, reason: FinishReason): FinishWord {
  return words[reason] ?? words[FinishReason.OTHER];
}
