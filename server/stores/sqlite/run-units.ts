import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { SqlRow, Statement, Unit, UnitResult } from './unit.ts';

/**
 * Makes what carries out units: all that are given at once in one transaction, so that they share one write to the disk. Each
 * is all or nothing by itself; where the transaction as a whole fails, so does each.
 */
export function createUnitRunner(database: DatabaseSync): (units: readonly Unit[]) => readonly UnitResult[] {
  const prepared = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const made = database.prepare(sql);
    made.setReadBigInts(true);
    prepared.set(sql, made);
    return made;
  };
  const runUnit = (unit: Unit): UnitResult => {
    database.exec('SAVEPOINT unit');
    const result = tryUnit(unit, prepare);
    // A full disk, for one, ends the whole transaction and its savepoints with it.
    if (result.kind !== 'done' && database.isTransaction) database.exec('ROLLBACK TO unit');
    if (database.isTransaction) database.exec('RELEASE unit');
    return result;
  };
  return (units) => {
    try {
      database.exec('BEGIN IMMEDIATE');
      const results = units.map(runUnit);
      database.exec('COMMIT');
      return results;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      return units.map(() => failed(error));
    }
  };
}

function tryUnit(unit: Unit, prepare: (sql: string) => StatementSync): UnitResult {
  try {
    const rows: (readonly SqlRow[])[] = [];
    for (const [at, statement] of unit.entries()) {
      const { fits, found } = runStatement(statement, prepare(statement.sql));
      if (!fits) return { kind: 'refused', at, rows: found };
      rows.push(found);
    }
    return { kind: 'done', rows };
  } catch (error) {
    return failed(error);
  }
}

interface Ran {
  /** Whether it did as much as it must. */
  readonly fits: boolean;
  readonly found: readonly SqlRow[];
}

function runStatement({ values, changes, rows }: Statement, statement: StatementSync): Ran {
  const given: readonly SQLInputValue[] = values;
  if (changes !== undefined) return { fits: Number(statement.run(...given).changes) === changes, found: [] };
  const found = statement.all(...given);
  return { fits: rows === undefined || found.length === rows, found };
}

function failed(error: unknown): UnitResult {
  return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
}
