import type { KeyEntry } from '../../auth/key-entry.ts';
import type { AuditRecord, KeyStore } from '../../auth/key-store.ts';
import type { RoleName } from '../../auth/role.ts';
import { moment } from './columns.ts';
import type { SqliteDatabase } from './database.ts';
import type { SqlRow, SqlValue, Statement } from './unit.ts';

const COLUMNS = `id, project_id, display_name, role, models, required_metadata, creator_key_id, created_at_ms, not_before_ms,
  expires_at_ms, revoked_at_ms, sha256, old_sha256, old_until_ms`;

/** The keys of the data folder. */
export function createSqliteKeys(database: SqliteDatabase): KeyStore {
  return {
    async all() {
      const answer = await database.run([{ sql: `SELECT ${COLUMNS} FROM keys`, values: [] }]);
      return (answer?.[0] ?? []).map(entryOf);
    },
    async put(entry, audit) {
      await database.run([putKey(entry), recordChange(audit)]);
    },
  };
}

function putKey(entry: KeyEntry): Statement {
  const at = (ms: number | undefined): SqlValue => (ms === undefined ? null : moment(ms));
  const { id, projectId, displayName, role, models, requiredMetadata, creatorKeyId, sha256, old } = entry;
  const words = [id, projectId, displayName, role, JSON.stringify(models), JSON.stringify(requiredMetadata)];
  const moments = [at(entry.createdAtMs), at(entry.notBeforeMs), at(entry.expiresAtMs), at(entry.revokedAtMs)];
  return {
    sql: `INSERT OR REPLACE INTO keys (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    values: [...words, creatorKeyId, ...moments, sha256, old?.sha256 ?? null, at(old?.untilMs)],
    changes: 1,
  };
}

function recordChange({ keyId, method, resource, atMs }: AuditRecord): Statement {
  return {
    sql: 'INSERT INTO audit (at_ms, key_id, method, resource) VALUES (?, ?, ?, ?)',
    values: [moment(atMs), keyId, method, resource],
    changes: 1,
  };
}

const ROLES: readonly RoleName[] = ['INFERENCE', 'OPERATOR', 'ADMIN', 'PROJECT_ADMIN'];

function entryOf(row: SqlRow): KeyEntry {
  const oldSha256 = row.old_sha256 ?? null;
  return {
    id: text(row.id),
    projectId: text(row.project_id),
    displayName: text(row.display_name),
    // A role of a later release is not guessed at: such a key may do the least.
    role: ROLES.find((role) => role === row.role) ?? 'INFERENCE',
    models: texts(row.models),
    requiredMetadata: texts(row.required_metadata),
    creatorKeyId: text(row.creator_key_id),
    createdAtMs: Number(row.created_at_ms),
    notBeforeMs: ms(row.not_before_ms),
    expiresAtMs: ms(row.expires_at_ms),
    revokedAtMs: ms(row.revoked_at_ms),
    sha256: text(row.sha256),
    old: oldSha256 === null ? undefined : { sha256: text(oldSha256), untilMs: ms(row.old_until_ms) ?? 0 },
  };
}

function ms(value: SqlValue | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

function text(value: SqlValue | undefined): string {
  if (typeof value !== 'string') throw new TypeError('A column of texts holds something else.');
  return value;
}

function texts(value: SqlValue | undefined): readonly string[] {
  const list: unknown = JSON.parse(text(value));
  if (!Array.isArray(list)) throw new TypeError('A column of lists holds something else.');
  return list.map(String);
}
