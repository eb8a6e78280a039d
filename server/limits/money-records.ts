import type { Account, Balance } from './account.ts';

/** An account and what it holds. */
export type AccountBalance = Balance &
  Pick<Account, 'key' | 'budgetId' | 'group' | 'windowStartMs' | 'windowEndMs' | 'unit'>;

/** Why a balance moved. */
export type EntryKind =
  /** Reserved. */
  | 'HELD'
  /** Spent: what was held is given back and the charge is posted. */
  | 'CHARGED'
  /** Given back. */
  | 'RELEASED';

/** One movement of one account. Entries are only ever added. */
export interface LedgerEntry {
  /** Rises from entry to entry. */
  readonly sequence: number;
  readonly accountKey: string;
  readonly budgetId: string;
  readonly reservationId: string;
  readonly requestId: string;
  readonly kind: EntryKind;
  /** What was added to the account's pending and posted, in its unit. */
  readonly pending: bigint;
  readonly posted: bigint;
  readonly atMs: number;
}

/** Which accounts to show: those of a budget whose window ends after a moment, by key, after the key of the page before. */
export interface AccountQuery {
  readonly budgetId: string;
  readonly endsAfterMs: number;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Which entries to show, the oldest first, after the sequence of the page before. */
export interface EntryQuery {
  readonly accountKey?: string | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
}

/** An account whose balance is not the sum of its entries. */
export interface Drift {
  readonly accountKey: string;
  readonly balance: Balance;
  readonly entries: Balance;
}

/** One page of a check of all accounts. */
export interface DriftPage {
  readonly drifts: readonly Drift[];
  /** Where the next page begins; undefined after the last one. */
  readonly next: number | undefined;
}

/** The ledger as those read it who show or check it. All methods throw SluiceError STORE_UNAVAILABLE. */
export interface MoneyRecords {
  accounts(query: AccountQuery): Promise<readonly AccountBalance[]>;
  entries(query: EntryQuery): Promise<readonly LedgerEntry[]>;
  /** Compares the next so many accounts with the sums of their entries; from 0 on. */
  drifts(from: number, limit: number): Promise<DriftPage>;
}
