import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseCatalogue } from '../../server/catalogue/catalogue-file.ts';

const MAIN = path.join(import.meta.dirname, '../../cli/main.ts');

/** The program as a process of its own. */
function sluice(args: readonly string[], cwd?: string) {
  return new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-cli-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  return folder;
}

const LIST = JSON.stringify({
  'gpt-99': { litellm_provider: 'openai', mode: 'chat', input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 },
  'gpt-4o': { litellm_provider: 'openai', mode: 'chat', input_cost_per_token: 3e-6 },
  'evil\u001b[2J': { litellm_provider: 'openai', mode: 'chat', max_input_tokens: 5 },
  'dall-e': { litellm_provider: 'openai', mode: 'image_generation' },
});

describe('sluice catalog import', () => {
  test('shows what is new, changed and ignored, and writes a file that counts as known afterwards', async () => {
    const folder = await folderWith({ 'list.json': LIST });
    const args = ['catalog', 'import', '--from', 'litellm', 'list.json', '--day', '2026-11-24'];
    const first = await sluice([...args, '--out', 'models.json'], folder);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^new +openai\/gpt-99$/m);
    expect(first.out).toMatch(/^changed +openai\/gpt-4o +input \$2\.5 -> \$3$/m);
    expect(first.out).toContain('2 new, 1 changed, 0 same, 1 ignored');
    expect(first.out).toContain('its mode is image_generation');
    expect(first.out).toContain('catalogue_files: [models.json]');
    const { problems } = parseCatalogue(await readFile(path.join(folder, 'models.json'), 'utf8'));
    expect(problems).toEqual([]);
    const again = await sluice([...args, '--known', 'models.json'], folder);
    expect(again.out).toContain('0 new, 0 changed, 3 same, 1 ignored');
  });

  test('prints names of a file that commands a terminal as harmless text', async () => {
    const folder = await folderWith({ 'list.json': LIST });
    const { out } = await sluice(['catalog', 'import', '--from', 'litellm', 'list.json'], folder);
    expect(out).toContain('evil?[2J');
    expect(out).not.toContain('\u001b');
  });

  test('prints JSON where it is asked to', async () => {
    const folder = await folderWith({ 'list.json': LIST });
    const { out } = await sluice(['catalog', 'import', '--from', 'litellm', 'list.json', '--json'], folder);
    expect(JSON.parse(out)).toMatchObject({
      summary: { new: 2, changed: 1, same: 0, ignored: 1 },
      entries: [{ kind: 'new', name: 'openai/gpt-99', details: [] }, {}, {}, {}],
    });
  });

  test('takes only the presets that are named', async () => {
    const folder = await folderWith({ 'list.json': LIST });
    const { out } = await sluice(
      ['catalog', 'import', '--from', 'litellm', 'list.json', '--provider', 'gemini'],
      folder,
    );
    expect(out).toContain('0 new, 0 changed, 0 same, 0 ignored');
  });

  test.each([
    ['a file that is not there', ['--from', 'litellm', 'nothing.json'], 1, 'nothing.json cannot be read'],
    ['a file of another kind', ['--from', 'models.dev', 'list.json'], 1, 'this is not api.json of models.dev'],
    [
      'a known file that is none',
      ['--from', 'litellm', 'list.json', '--known', 'list.json'],
      1,
      'is no catalogue file',
    ],
    ['a place that cannot be written', ['--from', 'litellm', 'list.json', '--out', '.'], 1, 'cannot be written'],
    ['no format', ['list.json'], 2, '--from must be one of litellm, models.dev'],
    ['no file', ['--from', 'litellm'], 2, 'Give one FILE'],
    ['a day that is none', ['--from', 'litellm', 'list.json', '--day', 'today'], 2, '--day must be a day'],
    ['an option that is not known', ['--from', 'litellm', 'list.json', '--fast'], 2, "Unknown option '--fast'"],
  ])('says what is wrong with %s', async (_, args, code, message) => {
    const folder = await folderWith({ 'list.json': LIST });
    const result = await sluice(['catalog', 'import', ...args], folder);
    expect(result).toMatchObject({ code, out: '' });
    expect(result.err).toContain(message);
  });
});

describe('sluice', () => {
  test.each([
    [[], 'catalog'],
    [['--help'], 'catalog'],
    [['catalog'], 'import'],
    [['catalog', '--help'], 'import'],
    [['catalog', 'import', '--help'], '--from FORMAT'],
    [['catalog', 'list', '--help'], 'PROVIDER'],
  ])('%o explains itself', async (args, word) => {
    const { code, out } = await sluice(args);
    expect([code, out.includes(word)]).toEqual([0, true]);
  });

  test('a command that is not known is a usage error that names the ones there are', async () => {
    const { code, err } = await sluice(['catalog', 'export']);
    expect(code).toBe(2);
    expect(err).toContain('sluice catalog has no command "export"; there is import, list');
  });

  test('lists the models of a provider with their prices', async () => {
    const { code, out } = await sluice(['catalog', 'list', 'deepseek']);
    expect(code).toBe(0);
    expect(out).toMatch(/^MODEL +CONTEXT +OUTPUT +IN \$\/M +OUT \$\/M +LAST DAY$/m);
    expect(out).toMatch(/^deepseek\/deepseek-v4-pro +1000000 +384000 /m);
  });

  test('a provider that nothing is known of is a failure that says what to do', async () => {
    const { code, err } = await sluice(['catalog', 'list', 'nobody']);
    expect([code, err.includes('knows no model of nobody')]).toEqual([1, true]);
  });
});
