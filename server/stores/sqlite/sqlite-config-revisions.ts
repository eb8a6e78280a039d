import type { ConfigRevisionStore } from '../../config/config-revision-store.ts';
import { appendRevision, entryOf, findRevision, LATEST, listRevisions, recordOf } from './config-revision-rows.ts';
import type { SqliteDatabase } from './database.ts';
import type { SqlRow, Statement } from './unit.ts';

/** The history of the configuration in the database of the data folder. */
export function createSqliteConfigRevisions(database: SqliteDatabase): ConfigRevisionStore {
  const ask = async (statement: Statement): Promise<readonly SqlRow[]> => (await database.run([statement]))?.[0] ?? [];
  const first = async (statement: Statement) => {
    const [row] = await ask(statement);
    return row === undefined ? undefined : recordOf(row);
  };
  return {
    latest: () => first({ sql: LATEST, values: [] }),
    find: (revision) => first(findRevision(revision)),
    async append(records, after) {
      const done = await database.run(records.map((record, at) => appendRevision(record, after + at)));
      return done === undefined ? undefined : after + records.length;
    },
    async list({ before, limit }) {
      return (await ask(listRevisions(before, limit))).map(entryOf);
    },
  };
}
