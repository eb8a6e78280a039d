import { describe, expect, test } from 'vitest';
import { type ConfigKeeper, openConfigKeeper } from '../../server/config/config-keeper.ts';
import type { ConfigRevisionStore } from '../../server/config/config-revision-store.ts';
import { diffConfig } from '../../server/config/diff-config.ts';
import { loadConfigText } from '../../server/config/load-config.ts';
import { createSecretResolver } from '../../server/config/secret-resolver.ts';
import { createMemoryConfigRevisions } from '../../server/stores/memory/memory-config-revisions.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const hash = `sha256:${'ab'.repeat(32)}`;
const yaml = (name: string, role = 'ADMIN'): string =>
  `providers: [{name: ${name}, preset: ollama}]\nkeys: [{id: ops, hash: "${hash}", role: ${role}}]\n`;

/** A file that tests may write, and a store that outlives a restart. */
function bench(first: string) {
  const disk = { text: first, store: createMemoryConfigRevisions() as ConfigRevisionStore, unrecorded: 0 };
  const readFile = () => Promise.reject(new Error('no files'));
  const input = { env: {}, readFile, resolver: createSecretResolver({ env: {}, readFile }), nowMs: 0 };
  const start = async () => {
    const opened = await openConfigKeeper({
      readFile: async () => ({ kind: 'ok', text: disk.text }),
      load: (_, text) => loadConfigText(input, { file: 'sluice.yaml', text }),
      store: disk.store,
      latest: await disk.store.latest(),
      clock: createFakeClock(),
      onUnrecorded: () => {
        disk.unrecorded += 1;
      },
    });
    if (opened.kind === 'bad') throw new Error('bad');
    return opened;
  };
  return { disk, start };
}

const apply = (keeper: ConfigKeeper, text: string, more: { expectedRevision?: string; dryRun?: boolean } = {}) =>
  keeper.change({ yaml: text, expectedRevision: '', dryRun: false, keyId: 'ops', ...more });
const inForce = (keeper: ConfigKeeper) => [keeper.inForce().source, ...keeper.holder.current().providers.keys()];

describe('what was applied', () => {
  test('goes before the file after a reload and after a restart', async () => {
    const { start } = bench(yaml('file'));
    const { keeper } = await start();
    expect(await apply(keeper, yaml('applied'))).toMatchObject({ kind: 'ok' });
    await keeper.reload();
    expect(inForce(keeper)).toEqual(['APPLIED', 'applied']);
    expect(inForce((await start()).keeper)).toEqual(['APPLIED', 'applied']);
  });

  test('is out of force once the file changes, and stays so when the file changes back', async () => {
    const { disk, start } = bench(yaml('file'));
    const { keeper } = await start();
    await apply(keeper, yaml('applied'));
    const { revision } = keeper.inForce();
    disk.text = yaml('newer');
    expect(await keeper.reload()).toMatchObject({ replaced: revision, source: 'FILE' });
    disk.text = yaml('file');
    expect(inForce((await start()).keeper)).toEqual(['FILE', 'file']);
  });

  test('is out of force at a start where the file changed meanwhile', async () => {
    const { disk, start } = bench(yaml('file'));
    const { keeper } = await start();
    await apply(keeper, yaml('applied'));
    disk.text = yaml('newer');
    const opened = await start();
    expect(opened.replaced).toBe(keeper.inForce().revision);
    expect(inForce(opened.keeper)).toEqual(['FILE', 'newer']);
  });

  test('stays where the file becomes bad', async () => {
    const { disk, start } = bench(yaml('file'));
    const { keeper } = await start();
    await apply(keeper, yaml('applied'));
    disk.text = 'providers: 7';
    expect((await keeper.reload()).kind).toBe('bad');
    expect(inForce(keeper)).toEqual(['APPLIED', 'applied']);
  });

  test("is the file again where it is the file's own text", async () => {
    const { start } = bench(yaml('file'));
    const { keeper } = await start();
    await apply(keeper, yaml('applied'));
    await apply(keeper, yaml('file'));
    expect(inForce(keeper)).toEqual(['FILE', 'file']);
  });
});

describe('a change is refused', () => {
  test('where another revision is in force; of two that expect the same, the second', async () => {
    const { start } = bench(yaml('file'));
    const { keeper } = await start();
    const expectedRevision = keeper.inForce().revision;
    const results = await Promise.all([
      apply(keeper, yaml('one'), { expectedRevision }),
      apply(keeper, yaml('two'), { expectedRevision }),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(['ok', 'stale']);
    expect(inForce(keeper)).toEqual(['APPLIED', 'one']);
  });

  test('where no key would be ADMIN any more', async () => {
    const { keeper } = await bench(yaml('file')).start();
    expect(await apply(keeper, yaml('file', 'OPERATOR'))).toMatchObject({ kind: 'bad', problems: [{ path: 'keys' }] });
  });

  test('where it cannot be stored: the old configuration stays in force', async () => {
    const { disk, start } = bench(yaml('file'));
    disk.store = { ...disk.store, append: () => Promise.reject(new Error('disk full')) };
    const { keeper } = await start();
    await expect(apply(keeper, yaml('applied'))).rejects.toThrow('disk full');
    expect(inForce(keeper)).toEqual(['FILE', 'file']);
  });
});

test('a dry run changes and stores nothing', async () => {
  const { disk, start } = bench(yaml('file'));
  const { keeper } = await start();
  expect(await apply(keeper, yaml('applied'), { dryRun: true })).toMatchObject({ kind: 'ok' });
  expect(inForce(keeper)).toEqual(['FILE', 'file']);
  expect(await disk.store.latest()).toBeUndefined();
});

test('differences name what has a name, and hide headers that are no references', async () => {
  const { keeper } = await bench(yaml('file')).start();
  const rows =
    'providers: [{name: new, preset: ollama}, {name: file, preset: ollama, headers: {x-a: word, x-b: "env:B"}}]';
  const loaded = await loadConfigText(
    {
      env: { B: 'b' },
      readFile: () => Promise.reject(new Error('no files')),
      resolver: createSecretResolver({ env: { B: 'b' }, readFile: () => Promise.reject(new Error('no files')) }),
      nowMs: 0,
    },
    { file: 'x', text: `${rows}\nkeys: [{id: ops, hash: "${hash}", role: ADMIN}]` },
  );
  if (loaded.kind === 'bad') throw new Error('bad');
  expect(diffConfig(keeper.inForce().config, loaded.config)).toEqual([
    { path: 'providers["file"].headers', before: undefined, after: '{"x-a":"[hidden]","x-b":"env:B"}' },
    { path: 'providers["new"]', before: undefined, after: '{"name":"new","preset":"ollama"}' },
  ]);
});
