import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { ADMIN_KEY, STRUCK_YAML } from '../support/struck-gateway.ts';

const MAIN = path.join(import.meta.dirname, '../../cli/main.ts');

let gateway: TestGateway;
let folder: string;
beforeAll(async () => {
  gateway = await openGateway({ yaml: STRUCK_YAML });
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-config-'));
  await writeFile(path.join(folder, 'bad.yaml'), 'providers:\n  - {name: x, preset: opena}\n');
  await writeFile(
    path.join(folder, 'circle.yaml'),
    'providers: [{name: l, preset: ollama}]\nroutes:\n  - {name: a, targets: [{route: b}]}\n  - {name: b, targets: [{route: a}]}\n',
  );
});
afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true });
});

function sluice(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const own = { PATH: process.env.PATH, SLUICE_URL: gateway.url, SLUICE_API_KEY: ADMIN_KEY, ...env };
  return new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder, env: own }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

describe('sluice explain', () => {
  test('shows candidates, plan and estimate, under assumed health', async () => {
    const { code, out } = await sluice([
      'explain',
      '--model',
      'fast',
      '--assume',
      'main=DOWN',
      '--metadata',
      'tier=free',
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/^# +TARGET +MODEL/m);
    expect(out).toMatch(/EJECTED_UNTIL/);
    expect(out).toMatch(/^ {2}1\. spare$/m);
    expect(out).toContain('Estimate: about');
  });

  test('prints JSON where it is asked to', async () => {
    const { out } = await sluice(['explain', '--model', 'fast', '--json']);
    expect(JSON.parse(out)).toMatchObject({ route: 'fast' });
  });
});

describe('sluice config', () => {
  test('check tells of a wrong file with lines, and of circles', async () => {
    const bad = await sluice(['config', 'check', 'bad.yaml']);
    expect(bad).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^bad\.yaml:2:\d+ providers\[0\]\.preset: .*"openai"/m),
    });
    expect(await sluice(['config', 'check', 'circle.yaml'])).toMatchObject({ code: 1 });
  });

  test('diff, apply, revisions and rollback go together', { timeout: 60_000 }, async () => {
    const { out: before } = await sluice(['config', 'get']);
    await writeFile(path.join(folder, 'next.yaml'), before.replace('name: spare', 'name: reserve'));
    expect((await sluice(['config', 'diff', 'next.yaml'])).out).toContain('+ routes["fast"].targets["reserve"]');
    expect((await sluice(['config', 'apply', 'next.yaml'])).err).toContain('Nothing has been done');
    const stale = await sluice(['config', 'apply', 'next.yaml', '--yes', '--expect', 'other']);
    expect(stale).toMatchObject({ code: 1, err: expect.stringContaining('CONFIG_REVISION_STALE') });
    const applied = await sluice(['config', 'apply', 'next.yaml', '--yes']);
    const [, back = ''] = /rollback (\w+) --yes/.exec(applied.err) ?? [];
    expect((await sluice(['config', 'revisions'])).out).toMatch(/^\* +\w+ +APPLIED/m);
    expect(await sluice(['config', 'rollback', back, '--yes'])).toMatchObject({ code: 0 });
    expect((await sluice(['config', 'get'])).out).toBe(before);
  });

  test.each([
    {
      what: 'a key that may not',
      args: ['config', 'get'],
      env: { SLUICE_API_KEY: TEST_KEY },
      code: 1,
      words: /PERMISSION_DENIED: .*ADMIN/,
    },
    {
      what: 'a wrong key',
      args: ['config', 'get'],
      env: { SLUICE_API_KEY: 'sk-wrong' },
      code: 1,
      words: /UNAUTHENTICATED/,
    },
    {
      what: 'a dead server',
      args: ['config', 'get'],
      env: { SLUICE_URL: 'http://127.0.0.1:1' },
      code: 1,
      words: /No gateway/,
    },
    { what: 'an unknown option', args: ['config', 'get', '--bogus'], env: {}, code: 2, words: /bogus/ },
  ])('says in one line what is wrong with $what', async ({ args, env, code, words }) => {
    const result = await sluice(args, env as Readonly<Record<string, string>>);
    expect(result.code).toBe(code);
    expect(result.err.split('\n')[0]).toMatch(words);
  });
});
