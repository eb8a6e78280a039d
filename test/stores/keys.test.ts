import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createKeyBook } from '../../server/auth/key-book.ts';
import type { KeyEntry } from '../../server/auth/key-entry.ts';
import { createMemoryKeys } from '../../server/stores/memory/memory-keys.ts';
import { createSqliteDatabase } from '../../server/stores/sqlite/database.ts';
import { createSqliteKeys } from '../../server/stores/sqlite/sqlite-keys.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const AUDIT = { keyId: 'admin', method: 'sluice.admin.v1.KeyService/CreateKey', resource: 'key/abc', atMs: 5 };
const ENTRY: KeyEntry = {
  id: 'abc',
  projectId: 'red',
  displayName: 'an "app"',
  role: 'PROJECT_ADMIN',
  models: ['sim/*'],
  requiredMetadata: ['team'],
  creatorKeyId: 'admin',
  createdAtMs: 1,
  notBeforeMs: 10,
  expiresAtMs: 20,
  revokedAtMs: undefined,
  sha256: digest('new').toString('hex'),
  old: { sha256: digest('old').toString('hex'), untilMs: 15 },
};

async function openSqlite() {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-keys-'));
  const database = createSqliteDatabase(join(folder, 'sluice.db'));
  onTestFinished(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });
  return { database, store: createSqliteKeys(database) };
}

test.each([
  { name: 'memory', open: async () => createMemoryKeys() },
  { name: 'SQLite', open: async () => (await openSqlite()).store },
])('keys in $name come back whole, each as it was stored last', async ({ open }) => {
  const store = await open();
  expect(await store.all()).toEqual([]);
  await store.put({ ...ENTRY, old: undefined }, AUDIT);
  await store.put(ENTRY, AUDIT);
  await store.put({ ...ENTRY, id: 'other', sha256: '00', revokedAtMs: 7, expiresAtMs: undefined }, AUDIT);
  const found = [...(await store.all())].sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(found).toEqual([ENTRY, { ...ENTRY, id: 'other', sha256: '00', revokedAtMs: 7, expiresAtMs: undefined }]);
});

test('each change is on record with who made it', async () => {
  const { database, store } = await openSqlite();
  await store.put(ENTRY, AUDIT);
  const [rows] = (await database.run([{ sql: 'SELECT key_id, method, resource, at_ms FROM audit', values: [] }])) ?? [];
  expect(rows).toEqual([{ key_id: 'admin', method: AUDIT.method, resource: 'key/abc', at_ms: 5n }]);
});

test('a key works from its first moment to its last, and the secret before a rotation until its end', () => {
  let now = 0;
  const book = createKeyBook(createMemoryKeys(), { now: () => now }, [ENTRY]);
  const works = (secret: string, at: number): boolean => {
    now = at;
    return book.find(digest(secret)) !== undefined;
  };
  expect([9, 10, 19, 20].map((at) => works('new', at))).toEqual([false, true, true, false]);
  expect([9, 14, 15].map((at) => works('old', at))).toEqual([false, true, false]);
  expect(works('other', 12)).toBe(false);
});

test('of two changes at once none is lost', async () => {
  const book = createKeyBook(createMemoryKeys(), { now: () => 12 }, [ENTRY]);
  const change = (more: Partial<KeyEntry>) => book.save('abc', (old) => ({ ...ENTRY, ...old, ...more }), AUDIT);
  await Promise.all([change({ revokedAtMs: 12 }), change({ sha256: digest('newer').toString('hex') })]);
  expect(book.find(digest('newer'))).toBeUndefined();
  expect(book.entry('abc')).toMatchObject({ revokedAtMs: 12 });
});

test('a key whose change could not be stored stays as it was', async () => {
  const failing = { all: async () => [], put: () => Promise.reject(new Error('the disk is full')) };
  const book = createKeyBook(failing, { now: () => 12 }, [ENTRY]);
  await expect(book.save('abc', (old) => ({ ...ENTRY, ...old, revokedAtMs: 12 }), AUDIT)).rejects.toThrow('full');
  expect(book.find(digest('new'))).toMatchObject({ keyId: 'abc', projectId: 'red' });
});
