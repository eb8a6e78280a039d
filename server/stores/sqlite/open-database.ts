import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from './migrations.ts';

/** How long another process may take to let go of the file, as one that is about to end does. */
const BUSY_MS = 5_000;

/**
 * Opens the database file for this process alone, makes it where there is none, and brings its tables up to date. Blocks.
 * Throws an Error whose message says which file it is about and what to do.
 */
export function openDatabase(path: string, busyMs = BUSY_MS): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    makeFile(path);
    database = new DatabaseSync(path, { timeout: busyMs });
    // Before anything else, so that no index is shared in memory: the file is one process's own.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    throw new Error(complaintOf(path, error), { cause: error });
  }
}

/** For this user alone, its journal too: SQLite gives that the rights of the file. */
function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}

/** SQLite's primary result codes (https://sqlite.org/rescode.html) that an operator can do something about. */
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

function complaintOf(path: string, error: unknown): string {
  const folder = dirname(path);
  if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number') {
    // The lower byte is the primary code.
    const code = error.errcode & 0xff;
    if (code === BUSY) {
      return `${path} is held by another process. Each Sluice needs a folder of its own: end the other one, or set SLUICE_DATA.`;
    }
    if (code === CORRUPT || code === NOT_A_DATABASE) {
      return `${path} is no database that can be read (${error.message}). Restore it from a backup, or move it away.`;
    }
  }
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    return `The data folder ${folder} cannot be written (${String(error.code)}). Mend its rights, or set SLUICE_DATA to a folder that can.`;
  }
  return `${path} cannot be used: ${error instanceof Error ? error.message : String(error)}.`;
}
