import type { ConfigRevisionEntry, ConfigRevisionRecord, Sequenced } from '../../config/config-revision-store.ts';
import type { SqlRow, SqlValue, Statement } from './unit.ts';

/** The statements of the table config_revisions, and what its rows mean. */

const ENTRY = 'sequence, revision, source, key_id, created_at_ms';
const RECORD = `${ENTRY}, yaml, file_sha256`;

export const LATEST = `SELECT ${RECORD} FROM config_revisions ORDER BY sequence DESC LIMIT 1`;

export function findRevision(revision: string): Statement {
  return {
    sql: `SELECT ${RECORD} FROM config_revisions WHERE revision = ? ORDER BY sequence DESC LIMIT 1`,
    values: [revision],
  };
}

export function listRevisions(before: number | undefined, limit: number): Statement {
  // Places are far below the largest whole number of SQLite.
  const below = before === undefined ? 2n ** 63n - 1n : BigInt(before);
  return {
    sql: `SELECT ${ENTRY} FROM config_revisions WHERE sequence < ? ORDER BY sequence DESC LIMIT ?`,
    values: [below, BigInt(limit)],
  };
}

/** Adds a record at the place after the given one; it changes no row where that is not the newest. */
export function appendRevision(record: ConfigRevisionRecord, after: number): Statement {
  const { revision, source, keyId, createdAtMs, yaml, fileSha256 } = record;
  return {
    sql: `INSERT INTO config_revisions (${RECORD}) SELECT ?, ?, ?, ?, ?, ?, ? WHERE (SELECT coalesce(max(sequence), 0) FROM config_revisions) = ?`,
    values: [BigInt(after + 1), revision, source, keyId, BigInt(createdAtMs), yaml, fileSha256, BigInt(after)],
    changes: 1,
  };
}

export function entryOf(row: SqlRow): ConfigRevisionEntry & Sequenced {
  return {
    sequence: Number(row.sequence),
    revision: text(row.revision),
    source: row.source === 'APPLIED' ? 'APPLIED' : 'FILE',
    keyId: text(row.key_id),
    createdAtMs: Number(row.created_at_ms),
  };
}

export function recordOf(row: SqlRow): ConfigRevisionRecord & Sequenced {
  return { ...entryOf(row), yaml: text(row.yaml), fileSha256: text(row.file_sha256) };
}

function text(value: SqlValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
