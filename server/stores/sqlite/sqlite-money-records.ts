import type { AccountBalance, EntryKind, LedgerEntry, MoneyRecords } from '../../limits/money-records.ts';
import { integer, moment } from './columns.ts';
import type { SqliteDatabase } from './database.ts';
import { balanceOf } from './money-rows.ts';
import type { SqlRow, Statement } from './unit.ts';

const ACCOUNTS = `SELECT key, budget_id, group_json, window_start_ms, window_end_ms, unit, posted, pending FROM accounts
  WHERE budget_id = ? AND window_end_ms > ? AND key > ? ORDER BY key LIMIT ?`;

const ENTRY = `e.sequence, a.key, a.budget_id, r.id, r.request_id, e.kind, e.pending, e.posted, e.at_ms
  FROM entries e JOIN accounts a ON a.sequence = e.account JOIN reservations r ON r.sequence = e.reservation`;
const ENTRIES = `SELECT ${ENTRY} WHERE e.sequence > ? ORDER BY e.sequence LIMIT ?`;
const ENTRIES_OF_ACCOUNT = `SELECT ${ENTRY}
  WHERE e.account = (SELECT sequence FROM accounts WHERE key = ?) AND e.sequence > ? ORDER BY e.sequence LIMIT ?`;

const SUMS = `SELECT a.sequence, a.key, a.posted, a.pending,
    (SELECT coalesce(sum(e.posted), 0) FROM entries e WHERE e.account = a.sequence) AS entries_posted,
    (SELECT coalesce(sum(e.pending), 0) FROM entries e WHERE e.account = a.sequence) AS entries_pending
  FROM accounts a WHERE a.sequence > ? ORDER BY a.sequence LIMIT ?`;

/** The ledger of the data folder as those read it who show or check it. */
export function createSqliteMoneyRecords(database: SqliteDatabase): MoneyRecords {
  const ask = async (statement: Statement): Promise<readonly SqlRow[]> => (await database.run([statement]))?.[0] ?? [];
  return {
    async accounts({ budgetId, endsAfterMs, after = '', limit }) {
      const rows = await ask({
        sql: ACCOUNTS,
        values: [budgetId, moment(endsAfterMs), after, BigInt(limit)],
      });
      return rows.map(accountOf);
    },
    async entries({ accountKey, after = 0, limit }) {
      const page = [BigInt(after), BigInt(limit)];
      const all = { sql: ENTRIES, values: page };
      const own = accountKey !== undefined && { sql: ENTRIES_OF_ACCOUNT, values: [accountKey, ...page] };
      return (await ask(own || all)).map(entryOf);
    },
    async drifts(from, limit) {
      const rows = await ask({ sql: SUMS, values: [BigInt(from), BigInt(limit)] });
      const wrong = rows.filter((row) => row.posted !== row.entries_posted || row.pending !== row.entries_pending);
      return {
        drifts: wrong.map((row) => ({
          accountKey: String(row.key),
          balance: balanceOf(row),
          entries: { posted: integer(row.entries_posted), pending: integer(row.entries_pending) },
        })),
        next: rows.length < limit ? undefined : Number(rows.at(-1)?.sequence),
      };
    },
  };
}

function accountOf(row: SqlRow): AccountBalance {
  const group: unknown = JSON.parse(String(row.group_json));
  return {
    key: String(row.key),
    budgetId: String(row.budget_id),
    group: Array.isArray(group) ? group.map(String) : [],
    windowStartMs: Number(row.window_start_ms),
    windowEndMs: Number(row.window_end_ms),
    unit: row.unit === 'TOKENS' ? 'TOKENS' : 'NANO_USD',
    ...balanceOf(row),
  };
}

const KINDS: readonly EntryKind[] = ['HELD', 'CHARGED', 'RELEASED'];

function entryOf(row: SqlRow): LedgerEntry {
  return {
    sequence: Number(row.sequence),
    accountKey: String(row.key),
    budgetId: String(row.budget_id),
    reservationId: String(row.id),
    requestId: String(row.request_id),
    kind: KINDS.find((kind) => kind === row.kind) ?? 'HELD',
    pending: integer(row.pending),
    posted: integer(row.posted),
    atMs: Number(row.at_ms),
  };
}
