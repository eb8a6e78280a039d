import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
let application = '';

/** Packs the client and unpacks it into an empty application, beside links to what it depends on. */
beforeAll(async () => {
  application = await mkdtemp(join(tmpdir(), 'sluice-client-'));
  await run('npm', ['pack', '--pack-destination', application], { cwd: join(root, 'clients/ts') });
  const [archive = ''] = await readdir(application);
  await run('tar', ['-xzf', archive], { cwd: application });
  await mkdir(join(application, 'node_modules/@sluice'), { recursive: true });
  await rename(join(application, 'package'), join(application, 'node_modules/@sluice/client'));
  for (const scope of ['@bufbuild', '@connectrpc']) {
    await symlink(join(root, 'node_modules', scope), join(application, 'node_modules', scope));
  }
}, 60_000);

afterAll(() => rm(application, { recursive: true }));

it.each(['@sluice/client', '@sluice/client/web'])('%s can be imported from the package', async (entry) => {
  const script = `const exported = await import('${entry}'); console.log(Object.keys(exported).join());`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: application });
  const names = stdout.trim().split(',');
  expect(names).toEqual(expect.arrayContaining(['createSluiceClient', 'clientOverTransport', 'SluiceError', 'Code']));
  expect(names).toEqual(expect.arrayContaining(['answerText', 'Role', 'FinishReason', 'GenerationSchema']));
});

it('the package has what is built, its README, and no sources or tests', async () => {
  const files = await readdir(join(application, 'node_modules/@sluice/client'), { recursive: true });
  expect(files).toEqual(expect.arrayContaining(['README.md', 'package.json', 'dist/index.js', 'dist/web.d.ts']));
  expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
});

it('the types of the package reach an application that has none of ours', async () => {
  await writeFile(
    join(application, 'application.ts'),
    `import { type ChatStream, createSluiceClient, SluiceError } from '@sluice/client';
import { createSluiceClient as createWebClient } from '@sluice/client/web';
const clients = [createSluiceClient, createWebClient].map((create) => create({ apiKey: 'k', baseUrl: '/' }));
export const stream: ChatStream | undefined = clients[0]?.streamChat({ model: 'm', messages: 'hi' });
export const reason = (error: SluiceError): 'INTERNAL' | undefined => (error.reason === 'INTERNAL' ? error.reason : undefined);
// @ts-expect-error: a client is not of type any
export const wrong: number = clients[0];
`,
  );
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
  const compiler = join(root, 'node_modules/.bin/tsc');
  await run(compiler, [...options, '--lib', 'es2023,dom', 'application.ts'], { cwd: application });
}, 60_000);
