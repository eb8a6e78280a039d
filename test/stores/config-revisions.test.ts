import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ConfigRevisionRecord, ConfigRevisionStore } from '../../server/config/config-revision-store.ts';
import { createMemoryConfigRevisions } from '../../server/stores/memory/memory-config-revisions.ts';
import { createSqliteDatabase } from '../../server/stores/sqlite/database.ts';
import { createSqliteConfigRevisions } from '../../server/stores/sqlite/sqlite-config-revisions.ts';

// What every ConfigRevisionStore promises.

const STORES: readonly { readonly name: string; readonly open: () => Promise<ConfigRevisionStore> }[] = [
  { name: 'memory', open: async () => createMemoryConfigRevisions() },
  {
    name: 'SQLite',
    async open() {
      const folder = await mkdtemp(join(tmpdir(), 'sluice-revisions-'));
      const database = createSqliteDatabase(join(folder, 'data/sluice.db'));
      onTestFinished(async () => {
        await database.close();
        await rm(folder, { recursive: true });
      });
      return createSqliteConfigRevisions(database);
    },
  },
];

const record = (revision: string, more: Partial<ConfigRevisionRecord> = {}): ConfigRevisionRecord => ({
  revision,
  source: 'APPLIED',
  keyId: 'ops',
  createdAtMs: 1_700_000_000_123,
  yaml: `# ${revision} – "ü" \n`,
  fileSha256: 'ab'.repeat(32),
  ...more,
});

describe.each(STORES)('a history of the configuration in $name', ({ open }) => {
  test('is empty at first', async () => {
    const store = await open();
    expect(await store.latest()).toBeUndefined();
    expect(await store.list({ limit: 10 })).toEqual([]);
    expect(await store.find('a')).toBeUndefined();
  });

  test('gives back what was appended, whole', async () => {
    const store = await open();
    const file = record('a', { source: 'FILE', keyId: '' });
    expect(await store.append([file, record('b')], 0)).toBe(2);
    expect(await store.latest()).toEqual({ ...record('b'), sequence: 2 });
    expect(await store.find('a')).toEqual({ ...file, sequence: 1 });
  });

  test('finds the newest record of a revision that came twice', async () => {
    const store = await open();
    await store.append([record('a'), record('b'), record('a', { keyId: 'later' })], 0);
    expect(await store.find('a')).toMatchObject({ sequence: 3, keyId: 'later' });
  });

  test('appends nothing where another record is the newest than expected', async () => {
    const store = await open();
    await store.append([record('a')], 0);
    expect(await store.append([record('b'), record('c')], 0)).toBeUndefined();
    expect(await store.append([record('b')], 2)).toBeUndefined();
    expect((await store.list({ limit: 10 })).map(({ revision }) => revision)).toEqual(['a']);
  });

  test('takes one of several appends that expect the same', async () => {
    const store = await open();
    const places = await Promise.all(['a', 'b', 'c'].map((revision) => store.append([record(revision)], 0)));
    expect(places.filter((place) => place !== undefined)).toEqual([1]);
  });

  test('lists the newest first, without texts, page by page', async () => {
    const store = await open();
    await store.append(
      ['a', 'b', 'c'].map((revision) => record(revision)),
      0,
    );
    const [newest, ...rest] = await store.list({ limit: 2 });
    const { yaml: _, fileSha256: __, ...entry } = record('c');
    expect(newest).toEqual({ ...entry, sequence: 3 });
    expect(rest.map(({ revision }) => revision)).toEqual(['b']);
    expect((await store.list({ before: 2, limit: 2 })).map(({ revision }) => revision)).toEqual(['a']);
  });
});
