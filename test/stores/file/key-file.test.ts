import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadOrCreateKey } from '../../../server/stores/file/key-file.ts';

let parent: string;
let data: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'sluice-key-file-'));
  data = join(parent, 'nested', 'data');
});
afterEach(() => rm(parent, { recursive: true }));

const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe('the key of the first start', () => {
  test('is shown once, and is the same key at the next start', async () => {
    const first = await loadOrCreateKey(data);
    const key = first.created?.reveal() ?? '';
    expect(createHash('sha256').update(key).digest()).toEqual(first.record.sha256);
    expect(key).toContain(`-${first.record.principal.keyId}-`);
    const second = await loadOrCreateKey(data);
    expect(second).toEqual({ record: first.record });
  });

  test('is kept hashed, where only the owner can read it', async () => {
    const { created } = await loadOrCreateKey(data);
    const text = await readFile(join(data, 'keys.json'), 'utf8');
    expect(text).not.toContain(created?.reveal().slice(-43));
    expect(await mode(join(data, 'keys.json'))).toBe(0o600);
    expect(await mode(data)).toBe(0o700);
  });

  test('is one and the same for processes that start at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateKey(data)));
    expect(all.filter(({ created }) => created !== undefined)).toHaveLength(1);
    expect(new Set(all.map(({ record }) => record.sha256.toString('hex'))).size).toBe(1);
  });

  test('leaves no draft behind', async () => {
    await Promise.all(Array.from({ length: 5 }, () => loadOrCreateKey(data)));
    expect(await readdir(data)).toEqual(['keys.json']);
  });

  test.each([
    ['cut short', '{"keys": [{"id": "abc"'],
    ['empty', ''],
    ['without keys', '{"keys": []}'],
    ['of another shape', '[1, 2]'],
    ['with a hash that is none', '{"keys": [{"id": "abc", "sha256": "12"}]}'],
    ['without an id', `{"keys": [{"sha256": "${'0'.repeat(64)}"}]}`],
  ])('is not made anew over a file that is %s', async (_, text) => {
    await loadOrCreateKey(data);
    const path = join(data, 'keys.json');
    await writeFile(path, text);
    await expect(loadOrCreateKey(data)).rejects.toThrow(`${path} is not a key file of Sluice. Restore it`);
    expect(await readFile(path, 'utf8')).toBe(text);
  });
});
