import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MoneyLedger } from '../../server/limits/money-ledger.ts';
import type { MoneyRecords } from '../../server/limits/money-records.ts';
import { createMemoryMoneyLedger } from '../../server/stores/memory/memory-money-ledger.ts';
import { createSqliteDatabase, type SqliteDatabase } from '../../server/stores/sqlite/database.ts';
import { createSqliteMoneyLedger } from '../../server/stores/sqlite/sqlite-money-ledger.ts';
import { createSqliteMoneyRecords } from '../../server/stores/sqlite/sqlite-money-records.ts';

// The stores of money, for the tests of what each of them promises.

export type MoneyStore = MoneyLedger & MoneyRecords;

export const MONEY_STORES: readonly { readonly name: string; readonly open: () => Promise<MoneyStore> }[] = [
  { name: 'memory', open: async () => createMemoryMoneyLedger() },
  { name: 'SQLite', open: async () => sqliteMoney(await openTestDatabase()) },
];

export function sqliteMoney(database: SqliteDatabase): MoneyStore {
  return { ...createSqliteMoneyLedger(database), ...createSqliteMoneyRecords(database) };
}

/** A database in a folder of its own, which goes with the test. */
export async function openTestDatabase(): Promise<SqliteDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-money-'));
  const database = createSqliteDatabase(join(folder, 'data/sluice.db'));
  onTestFinished(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });
  return database;
}
