import type { Account, Balance } from '../../limits/account.ts';
import type { Reservation } from '../../limits/money-ledger.ts';
import type { AccountBalance, EntryKind, LedgerEntry, MoneyRecords } from '../../limits/money-records.ts';

/** A movement of one account. */
export interface Movement extends Balance {
  readonly kind: EntryKind;
  readonly atMs: number;
}

/** Accounts and their entries in memory. */
export interface MoneyBook extends MoneyRecords {
  /** What an account holds, with its earlier steps. */
  balanceOf(account: Account): Balance;
  balances(keys: readonly string[]): ReadonlyMap<string, Balance>;
  /** One entry, and the balance that it moves. */
  enter(account: Account, reservation: Reservation, movement: Movement): void;
}

export function createMoneyBook(): MoneyBook {
  const accounts = new Map<string, AccountBalance>();
  const entries: LedgerEntry[] = [];
  return {
    ...readBook(accounts, entries),
    balanceOf: ({ key, earlier }) => sum([key, ...earlier].flatMap((one) => accounts.get(one) ?? [])),
    balances(keys) {
      const known = keys.flatMap((key) => accounts.get(key) ?? []);
      return new Map(known.map(({ key, posted, pending }) => [key, { posted, pending }]));
    },
    enter({ key, budgetId, group, windowStartMs, windowEndMs, unit }, { id, requestId }, movement) {
      const before = accounts.get(key) ?? NOTHING;
      const opened = { key, budgetId, group, windowStartMs, windowEndMs, unit };
      accounts.set(key, { ...opened, ...sum([before, movement]) });
      const entry = { accountKey: key, budgetId, reservationId: id, requestId, ...movement };
      entries.push({ sequence: entries.length + 1, ...entry });
    },
  };
}

function readBook(accounts: ReadonlyMap<string, AccountBalance>, entries: readonly LedgerEntry[]): MoneyRecords {
  return {
    async accounts({ budgetId, endsAfterMs, after = '', limit }) {
      return [...accounts.values()]
        .filter((one) => one.budgetId === budgetId && one.windowEndMs > endsAfterMs && isBefore(after, one.key))
        .sort((a, b) => (isBefore(a.key, b.key) ? -1 : 1))
        .slice(0, limit);
    },
    async entries({ accountKey, after = 0, limit }) {
      return entries
        .filter((entry) => entry.sequence > after && (accountKey === undefined || entry.accountKey === accountKey))
        .slice(0, limit);
    },
    async drifts(from, limit) {
      const page = [...accounts.values()].slice(from, from + limit);
      const checked = page.map(({ key, posted, pending }) => ({
        accountKey: key,
        balance: { posted, pending },
        entries: sum(entries.filter(({ accountKey }) => accountKey === key)),
      }));
      return {
        drifts: checked.filter((one) => !isEqual(one.balance, one.entries)),
        next: page.length < limit ? undefined : from + page.length,
      };
    },
  };
}

const NOTHING: Balance = { posted: 0n, pending: 0n };

function sum(balances: readonly Balance[]): Balance {
  return balances.reduce(
    (all, one) => ({ posted: all.posted + one.posted, pending: all.pending + one.pending }),
    NOTHING,
  );
}

function isEqual(one: Balance, other: Balance): boolean {
  return one.posted === other.posted && one.pending === other.pending;
}

/** By bytes of UTF-8, as databases compare keys. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}
