import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSqliteDatabase } from '../../server/stores/sqlite/database.ts';
import { sqliteMoney } from './money-stores.ts';

/** How often: SLUICE_MONEY_KILLS=200 for the heart of the bar B4. */
const KILLS = Number(process.env.SLUICE_MONEY_KILLS ?? 6);
const LONGEST_LIFE_MS = 60;

test('a process that is killed at any instant loses no acknowledged movement of money', {
  timeout: 10_000 + KILLS * 3000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-kill-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'sluice.db');
  let [settled, orphans] = [0, 0];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const said = await spendUntilKilled(path, `k${kill}`, (kill / KILLS) * LONGEST_LIFE_MS);
    settled += said.settled.size;
    orphans += await checkAndResolve(path, said);
  }
  expect(settled).toBeGreaterThan(KILLS);
  expect(orphans).toBeGreaterThan(0);
});

interface Said {
  readonly reserved: ReadonlySet<string>;
  readonly settled: ReadonlySet<string>;
}

/** What a process acknowledged that lived so long after its first word. */
async function spendUntilKilled(path: string, name: string, lifeMs: number): Promise<Said> {
  const program = resolve(import.meta.dirname, 'money-until-killed.ts');
  const child = spawn(process.execPath, [program, path, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    if (text === '') setTimeout(() => child.kill('SIGKILL'), lifeMs);
    text += more;
  });
  await once(child, 'close');
  const lines = text.split('\n').map((line) => line.split(' '));
  const ids = (word: string) => new Set(lines.filter(([first]) => first === word).map(([, id = '']) => id));
  return { reserved: ids('reserved'), settled: ids('settled') };
}

/** How many reservations the dead left open. */
async function checkAndResolve(path: string, said: Said): Promise<number> {
  const database = createSqliteDatabase(path);
  const money = sqliteMoney(database);
  try {
    const [rows = []] = (await database.run([{ sql: 'SELECT id, state FROM reservations', values: [] }])) ?? [];
    const states = new Map(rows.map(({ id, state }) => [id, state]));
    expect([...said.reserved].filter((id) => !states.has(id))).toEqual([]);
    expect([...said.settled].filter((id) => states.get(id) !== 'settled')).toEqual([]);
    expect((await money.drifts(0, 100)).drifts).toEqual([]);
    const orphans = await money.expire(5000, 100_000);
    expect((await money.accounts({ budgetId: 'org', endsAfterMs: 0, limit: 1 }))[0]?.pending).toBe(0n);
    expect((await money.drifts(0, 100)).drifts).toEqual([]);
    expect(await money.expire(5000, 1)).toEqual([]);
    return orphans.length;
  } finally {
    await database.close();
  }
}
