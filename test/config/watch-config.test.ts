import { mkdir, mkdtemp, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openConfigKeeper, type ReloadResult } from '../../server/config/config-keeper.ts';
import { loadConfigText, readConfigText } from '../../server/config/load-config.ts';
import { createSecretResolver } from '../../server/config/secret-resolver.ts';
import type { SnapshotHolder } from '../../server/config/snapshot.ts';
import { type ConfigWatch, watchConfig } from '../../server/config/watch-config.ts';
import type { Clock } from '../../server/core/clock.ts';
import { createMemoryConfigRevisions } from '../../server/stores/memory/memory-config-revisions.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const config = (provider: string): string => `providers: [{name: ${provider}, preset: ollama}]\n`;
const BAD = 'providers: [{name: 5}]\n';

let folder: string;
const open: ConfigWatch[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-watch-'));
});
afterEach(async () => {
  for (const watch of open.splice(0)) watch.close();
  await rm(folder, { recursive: true });
});

/** Lets short waits pass at once and long ones never, so that only what the system tells of leads to a look. */
const onlyEvents: Clock = {
  now: () => 0,
  monotonic: () => 0,
  schedule(milliseconds, callback) {
    const handle = milliseconds < 1_000 ? setImmediate(callback) : undefined;
    return { stop: () => clearImmediate(handle) };
  },
};

interface Bench {
  readonly watch: ConfigWatch;
  readonly holder: SnapshotHolder;
  readonly reports: readonly ReloadResult[];
  /** The first report, past ones included, of which this holds. */
  until(holds: (result: ReloadResult) => boolean): Promise<ReloadResult>;
}

async function watching(path: string, clock: Clock): Promise<Bench> {
  const readText = (file: string): Promise<string> => readFile(file, 'utf8');
  const resolver = createSecretResolver({ env: {}, readFile: readText });
  const opened = await openConfigKeeper({
    readFile: () => readConfigText(path, readText),
    load: (_, text) => loadConfigText({ env: {}, readFile: readText, resolver, nowMs: 0 }, { file: path, text }),
    store: createMemoryConfigRevisions(),
    latest: undefined,
    clock,
    onUnrecorded: () => {},
  });
  if (opened.kind === 'bad') throw new Error('the first file is bad');
  const { holder, reload } = opened.keeper;
  const reports: ReloadResult[] = [];
  const waiting = new Set<() => void>();
  const report = (result: ReloadResult): void => {
    reports.push(result);
    for (const check of waiting) check();
  };
  const watch = watchConfig({ path, load: reload, report, clock });
  open.push(watch);
  return {
    watch,
    holder,
    reports,
    until: (holds) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = reports.find(holds);
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
  };
}

const provides =
  (name: string) =>
  (result: ReloadResult): boolean =>
    result.kind === 'ok' && result.snapshot.providers.has(name);
const isBad = (result: ReloadResult): boolean => result.kind === 'bad';

describe('a change of the file is taken up', () => {
  test('when it is written in place', async () => {
    const path = join(folder, 'sluice.yaml');
    await writeFile(path, config('old'));
    const bench = await watching(path, onlyEvents);
    await writeFile(path, config('newer'));
    await bench.until(provides('newer'));
    expect([...bench.holder.current().providers.keys()]).toEqual(['newer']);
  });

  test('when another file takes its name, and again after that', async () => {
    const path = join(folder, 'sluice.yaml');
    await writeFile(path, config('old'));
    const bench = await watching(path, onlyEvents);
    for (const name of ['new', 'newer']) {
      await writeFile(`${path}.tmp`, config(name));
      await rename(`${path}.tmp`, path);
      await bench.until(provides(name));
    }
    expect([...bench.holder.current().providers.keys()]).toEqual(['newer']);
  });

  test('when Kubernetes swaps the link behind it', async () => {
    const version = async (name: string): Promise<void> => {
      await mkdir(join(folder, `..${name}`));
      await writeFile(join(folder, `..${name}`, 'sluice.yaml'), config(name));
      await symlink(`..${name}`, join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    await version('old');
    const path = join(folder, 'sluice.yaml');
    await symlink(join('..data', 'sluice.yaml'), path);
    const bench = await watching(path, onlyEvents);
    await version('new');
    await bench.until(provides('new'));
    expect([...bench.holder.current().providers.keys()]).toEqual(['new']);
  });

  test('within five seconds where the system tells of nothing', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'real.yaml'), config('old'));
    const path = join(folder, 'sluice.yaml');
    await symlink(join(elsewhere, 'real.yaml'), path);
    const clock = createFakeClock();
    const bench = await watching(path, clock);
    await writeFile(join(elsewhere, 'real.yaml'), config('newer'));
    await clock.advance(5_000);
    await bench.until(provides('newer'));
  });

  test('on SIGHUP, changed or not', async () => {
    const path = join(folder, 'sluice.yaml');
    await writeFile(path, config('old'));
    const bench = await watching(path, createFakeClock());
    const before = bench.holder.current();
    process.emit('SIGHUP');
    await bench.until(provides('old'));
    expect(bench.holder.current()).not.toBe(before);
    expect(bench.holder.current().revision).toBe(before.revision);
  });
});

describe('the configuration in force stays', () => {
  test('where the file becomes bad, until it is right again', async () => {
    const path = join(folder, 'sluice.yaml');
    await writeFile(path, config('old'));
    const bench = await watching(path, onlyEvents);
    const before = bench.holder.current();
    await writeFile(`${path}.tmp`, BAD);
    await rename(`${path}.tmp`, path);
    await bench.until(isBad);
    expect(bench.holder.current()).toBe(before);
    await writeFile(`${path}.tmp`, config('mended'));
    await rename(`${path}.tmp`, path);
    await bench.until(provides('mended'));
    expect([...bench.holder.current().providers.keys()]).toEqual(['mended']);
  });

  test('where the file is deleted', async () => {
    const path = join(folder, 'sluice.yaml');
    await writeFile(path, config('old'));
    const bench = await watching(path, onlyEvents);
    const before = bench.holder.current();
    await unlink(path);
    const result = await bench.until(isBad);
    expect(result).toMatchObject({ problems: [{ message: 'The file cannot be read (ENOENT).' }] });
    expect(bench.holder.current()).toBe(before);
  });

  test('while nothing changes, however long', async () => {
    const path = join(folder, 'sluice.yaml');
    await writeFile(path, config('old'));
    const clock = createFakeClock();
    const bench = await watching(path, clock);
    await clock.advance(60_000);
    expect(bench.reports).toEqual([]);
  });
});

describe('a reload', () => {
  test('comes after the one before it, so that the last file is the one in force', async () => {
    const path = join(folder, 'sluice.yaml');
    await writeFile(path, config('first'));
    const bench = await watching(path, createFakeClock());
    const one = bench.watch.reload();
    const two = one.then(() => writeFile(path, config('second'))).then(() => bench.watch.reload());
    expect(provides('first')(await one)).toBe(true);
    expect(provides('second')(await two)).toBe(true);
    expect(bench.reports).toHaveLength(2);
    expect([...bench.holder.current().providers.keys()]).toEqual(['second']);
  });
});

test('nothing of a watch is left after close', async () => {
  const path = join(folder, 'sluice.yaml');
  await writeFile(path, config('old'));
  const listeners = process.listenerCount('SIGHUP');
  const clock = createFakeClock();
  const { watch } = await watching(path, clock);
  expect(process.listenerCount('SIGHUP')).toBe(listeners + 1);
  watch.close();
  expect(process.listenerCount('SIGHUP')).toBe(listeners);
  expect(clock.pending).toBe(0);
});
