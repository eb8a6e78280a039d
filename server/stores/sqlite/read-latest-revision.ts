import { existsSync } from 'node:fs';
import type { ConfigRevisionRecord, Sequenced } from '../../config/config-revision-store.ts';
import { LATEST, recordOf } from './config-revision-rows.ts';
import type { SqlRow } from './unit.ts';

/**
 * The newest record of the configuration's history, for the start: nothing can be served before it is known. Loads SQLite
 * into this thread, but only where there is a file; undefined where there is none. Throws an Error that says what to do.
 */
export async function readLatestRevision(path: string): Promise<(ConfigRevisionRecord & Sequenced) | undefined> {
  if (!existsSync(path)) return undefined;
  const { openDatabase } = await import('./open-database.ts');
  const database = openDatabase(path);
  try {
    const row: SqlRow | undefined = database.prepare(LATEST).get();
    return row === undefined ? undefined : recordOf(row);
  } finally {
    database.close();
  }
}
