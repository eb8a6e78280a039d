import type { DatabaseSync } from 'node:sqlite';

/**
 * One step of the tables from one release to the next. An expanding step only adds, so that the release before it goes on
 * working with the tables; a contracting one takes away what no release that may still run reads, at the earliest one release
 * after the code stopped to read it. Steps that were released are never edited.
 */
export interface Migration {
  /** From 1, without gaps. */
  readonly id: number;
  readonly name: string;
  readonly kind: 'expand' | 'contract';
  readonly sql: string;
}

/** All steps, in their order. */
export const MIGRATIONS: readonly Migration[] = [
  {
    id: 1,
    name: 'history of the configuration',
    kind: 'expand',
    sql: `
      CREATE TABLE config_revisions (
        sequence INTEGER PRIMARY KEY,
        revision TEXT NOT NULL,
        source TEXT NOT NULL,
        key_id TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        yaml TEXT NOT NULL,
        file_sha256 TEXT NOT NULL
      ) STRICT;
      CREATE INDEX config_revisions_by_revision ON config_revisions (revision, sequence);`,
  },
  {
    id: 2,
    name: 'money',
    kind: 'expand',
    sql: `
      CREATE TABLE accounts (
        sequence INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        budget_id TEXT NOT NULL,
        group_json TEXT NOT NULL,
        window_start_ms INTEGER NOT NULL,
        window_end_ms INTEGER NOT NULL,
        unit TEXT NOT NULL,
        posted INTEGER NOT NULL,
        pending INTEGER NOT NULL CHECK (pending >= 0)
      ) STRICT;
      CREATE INDEX accounts_by_budget ON accounts (budget_id, key);
      CREATE TABLE reservations (
        sequence INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        request_id TEXT NOT NULL,
        bound_nano_usd INTEGER,
        price_version TEXT NOT NULL,
        state TEXT NOT NULL,
        reserved_at_ms INTEGER NOT NULL,
        lease_until_ms INTEGER NOT NULL,
        resolved_at_ms INTEGER,
        nano_usd INTEGER,
        tokens INTEGER,
        source TEXT
      ) STRICT;
      CREATE INDEX reservations_open ON reservations (lease_until_ms) WHERE resolved_at_ms IS NULL;
      CREATE TABLE entries (
        sequence INTEGER PRIMARY KEY,
        account INTEGER NOT NULL,
        reservation INTEGER NOT NULL,
        kind TEXT NOT NULL,
        pending INTEGER NOT NULL,
        posted INTEGER NOT NULL,
        at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX entries_once ON entries (reservation, account, kind);
      CREATE INDEX entries_by_account ON entries (account, sequence);`,
  },
  {
    id: 3,
    name: 'keys',
    kind: 'expand',
    sql: `
      CREATE TABLE keys (
        id TEXT PRIMARY KEY,
        project_id TEXT NOT NULL,
        display_name TEXT NOT NULL,
        role TEXT NOT NULL,
        models TEXT NOT NULL,
        required_metadata TEXT NOT NULL,
        creator_key_id TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        not_before_ms INTEGER,
        expires_at_ms INTEGER,
        revoked_at_ms INTEGER,
        sha256 TEXT NOT NULL UNIQUE,
        old_sha256 TEXT,
        old_until_ms INTEGER
      ) STRICT;
      CREATE TABLE audit (
        sequence INTEGER PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        key_id TEXT NOT NULL,
        method TEXT NOT NULL,
        resource TEXT NOT NULL
      ) STRICT;`,
  },
];

/**
 * Brings the tables to the newest of these steps, all in one transaction. Throws where a step that this release does not know
 * has taken something away: a newer release wrote the file.
 */
export function migrate(database: DatabaseSync, migrations: readonly Migration[] = MIGRATIONS): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(
      'CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, applied_at_ms INTEGER NOT NULL) STRICT',
    );
    const done = database.prepare('SELECT id, kind FROM migrations').all();
    const strange = done.filter(({ id }) => !migrations.some((migration) => migration.id === Number(id)));
    if (strange.some(({ kind }) => kind === 'contract')) {
      throw new Error('it was written by a newer release of Sluice, whose tables this one cannot read');
    }
    const ids = new Set(done.map(({ id }) => Number(id)));
    const record = database.prepare(
      "INSERT INTO migrations (id, name, kind, applied_at_ms) VALUES (?, ?, ?, unixepoch('subsec') * 1000)",
    );
    for (const { id, name, kind, sql } of migrations.filter((migration) => !ids.has(migration.id))) {
      database.exec(sql);
      record.run(id, name, kind);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
