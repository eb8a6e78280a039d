import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

function run(env: Record<string, string>) {
  const main = new URL('../../server/simulator/main.ts', import.meta.url).pathname;
  return spawn(process.execPath, [main], { env: { ...process.env, SLUICE_SIMULATOR_LISTEN: '127.0.0.1:0', ...env } });
}

test('the simulator runs alone, says where, and stops when told', async () => {
  const child = run({ SLUICE_SIMULATOR_LATENCY: '0ms', SLUICE_SIMULATOR_TOKENS_PER_SECOND: '0' });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const base = /http:\/\/127\.0\.0\.1:\d+\/v1/.exec(line)?.[0];
  expect(await (await fetch(`${base}/models`)).json()).toMatchObject({ object: 'list' });
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(0);
});

test('settings that cannot be stop it with a reason', async () => {
  const child = run({ SLUICE_SIMULATOR_LATENCY: 'soon' });
  let text = '';
  child.stderr.on('data', (bytes) => {
    text += bytes;
  });
  expect((await once(child, 'close'))[0]).not.toBe(0);
  expect(text).toMatch(/SLUICE_SIMULATOR_LATENCY must be a duration/);
});
