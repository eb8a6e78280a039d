import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createSqliteDatabase, type SqliteDatabase } from '../../../server/stores/sqlite/database.ts';
import { MIGRATIONS, type Migration, migrate } from '../../../server/stores/sqlite/migrations.ts';
import { openDatabase } from '../../../server/stores/sqlite/open-database.ts';
import { createUnitRunner } from '../../../server/stores/sqlite/run-units.ts';
import type { Statement } from '../../../server/stores/sqlite/unit.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-sqlite-'));
  path = join(folder, 'data/sluice.db');
  onTestFinished(() => rm(folder, { recursive: true }));
});

function open(): SqliteDatabase {
  const database = createSqliteDatabase(path);
  onTestFinished(() => database.close());
  return database;
}

const sql = (text: string, ...values: Statement['values'][number][]): Statement => ({ sql: text, values });
const TABLE = sql('CREATE TABLE box (id INTEGER PRIMARY KEY, word TEXT)');
const put = (word: string): Statement => sql('INSERT INTO box (word) VALUES (?)', word);
const COUNT = sql('SELECT count(*) AS n FROM box');

describe('the database of the data folder', () => {
  test('is not made before it is used', async () => {
    const database = open();
    expect(existsSync(path)).toBe(false);
    await database.run([TABLE]);
    expect(existsSync(path)).toBe(true);
  });

  test('is readable for this user alone', async () => {
    await open().run([TABLE]);
    expect([(await stat(path)).mode & 0o777, (await stat(join(folder, 'data'))).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  test('writes ahead and waits for the disk', async () => {
    const database = openDatabase(path);
    onTestFinished(() => database.close());
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  });

  test('holds whole numbers that a double cannot', async () => {
    const [rows] = (await open().run([sql('SELECT ? AS n', 2n ** 62n + 1n)])) ?? [];
    expect(rows).toEqual([{ n: 2n ** 62n + 1n }]);
  });

  test('keeps what it has acknowledged when the process is killed', { timeout: 30_000 }, async () => {
    const module = JSON.stringify(resolve(import.meta.dirname, '../../../server/stores/sqlite/database.ts'));
    const code = `
      import { createSqliteDatabase } from ${module};
      const database = createSqliteDatabase(${JSON.stringify(path)});
      await database.run([{ sql: 'CREATE TABLE box (id INTEGER PRIMARY KEY, word TEXT)', values: [] }]);
      await database.run([{ sql: "INSERT INTO box (word) VALUES ('kept')", values: [] }]);
      process.stdout.write('durable');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const [rows] = (await open().run([sql('SELECT word FROM box')])) ?? [];
    expect(rows).toEqual([{ word: 'kept' }]);
  });

  test('does all that was given before it closes, and can be opened by another after', async () => {
    const database = createSqliteDatabase(path);
    const all = [database.run([TABLE]), ...['a', 'b', 'c'].map((word) => database.run([put(word)]))];
    await database.close();
    await Promise.all(all);
    expect(existsSync(`${path}-wal`)).toBe(false);
    const [rows] = (await open().run([COUNT])) ?? [];
    expect(rows).toEqual([{ n: 3n }]);
  });
});

describe('a unit', () => {
  test('that fails leaves nothing behind and harms no other of the same batch', async () => {
    const database = open();
    await database.run([TABLE]);
    const [good, bad, refused, last] = await Promise.allSettled([
      database.run([put('good')]),
      database.run([put('lost'), sql('INSERT INTO nowhere VALUES (1)')]),
      database.run([put('lost too'), { ...sql("UPDATE box SET word = 'x' WHERE id = 999"), changes: 1 }]),
      database.run([sql('SELECT word FROM box ORDER BY id')]),
    ]);
    expect(good).toMatchObject({ status: 'fulfilled', value: [[]] });
    expect(bad).toMatchObject({ status: 'rejected', reason: { reason: 'STORE_UNAVAILABLE' } });
    expect(refused).toEqual({ status: 'fulfilled', value: undefined });
    expect(last).toMatchObject({ status: 'fulfilled', value: [[{ word: 'good' }]] });
  });

  test('shares its transaction with all that wait beside it', () => {
    const database = new DatabaseSync(':memory:');
    const statements: string[] = [];
    const exec = database.exec.bind(database);
    database.exec = (text) => {
      statements.push(text);
      exec(text);
    };
    const run = createUnitRunner(database);
    run([[TABLE], [put('a')], [put('b')]]);
    expect(statements.filter((text) => /^(?:BEGIN|COMMIT)/.test(text))).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
  });
});

describe('an operator is told what to do', () => {
  test('where the folder cannot be written', async () => {
    await writeFile(join(folder, 'data'), 'a file, not a folder');
    expect(() => openDatabase(path)).toThrow(/^The data folder .*data cannot be written \(E\w+\)\. .*SLUICE_DATA/);
  });

  test('where another process holds the file', () => {
    const first = openDatabase(path);
    onTestFinished(() => first.close());
    expect(() => openDatabase(path, 10)).toThrow(/sluice\.db is held by another process\. .*SLUICE_DATA/);
  });

  test('where the file is something else, which stays as it is', async () => {
    const other = join(folder, 'other.db');
    await writeFile(other, 'x'.repeat(5000));
    expect(() => openDatabase(other)).toThrow(/other\.db is no database that can be read/);
    expect(await readFile(other, 'utf8')).toBe('x'.repeat(5000));
  });

  test('while callers learn only that the store is not there, until it is again', async () => {
    await writeFile(join(folder, 'data'), 'a file, not a folder');
    const database = open();
    const failure = await database.run([TABLE]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: 'STORE_UNAVAILABLE', message: expect.not.stringContaining(folder) });
    expect(String((failure as Error).cause)).toContain('cannot be written');
    await rm(join(folder, 'data'));
    expect(await database.run([TABLE])).toEqual([[]]);
  });
});

describe('tables move from release to release', () => {
  const next = MIGRATIONS.length + 1;
  const ADDED: Migration = { id: next, name: 'more', kind: 'expand', sql: 'CREATE TABLE more (id INTEGER) STRICT' };
  const TAKEN: Migration = { id: next + 1, name: 'less', kind: 'contract', sql: 'DROP TABLE more' };

  test('each step is made once', () => {
    const database = new DatabaseSync(':memory:');
    migrate(database);
    migrate(database);
    migrate(database, [...MIGRATIONS, ADDED]);
    const done = database.prepare('SELECT id FROM migrations ORDER BY id').all();
    expect(done.map(({ id }) => id)).toEqual([...MIGRATIONS.map(({ id }) => id), next]);
  });

  test('a release goes on with what a newer one has added, and not where it has taken something away', () => {
    const database = new DatabaseSync(':memory:');
    migrate(database, [...MIGRATIONS, ADDED]);
    expect(() => migrate(database)).not.toThrow();
    migrate(database, [...MIGRATIONS, ADDED, TAKEN]);
    expect(() => migrate(database)).toThrow('newer release');
  });

  test('a step that fails leaves the tables as they were', () => {
    const database = new DatabaseSync(':memory:');
    migrate(database);
    const broken: Migration = { ...ADDED, sql: `${ADDED.sql}; CREATE TABLE config_revisions (id INTEGER)` };
    expect(() => migrate(database, [...MIGRATIONS, broken])).toThrow();
    expect(database.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'more'").get()).toEqual({ n: 0 });
  });

  test('ids have no gaps, and expanding steps only add', () => {
    expect(MIGRATIONS.map(({ id }) => id)).toEqual(MIGRATIONS.map((_, at) => at + 1));
    const ADDS = /^(?:CREATE (?:TABLE|(?:UNIQUE )?INDEX)|ALTER TABLE \w+ ADD COLUMN)\b/;
    const statements = MIGRATIONS.filter(({ kind }) => kind === 'expand').flatMap((step) => step.sql.split(';'));
    expect(statements.map((text) => text.trim()).filter((text) => text !== '' && !ADDS.test(text))).toEqual([]);
  });
});
