import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startSimulator } from '../../server/simulator/simulator.ts';
import { startProcess } from '../support/process.ts';
import { sse } from '../support/sse.ts';

const run = promisify(execFile);
const KEY = 'sk-sluice-process-0123456789abcdefghijklmnopqrstuvwxyzABCD';

/** A configuration with a simulator of the test's own behind it. */
const configFor = (url: string, more = ''): string => `
providers:
  - {name: sim, dialect: openai-chat, base_url: "${url}/v1", allow_private_address: true}
keys:
  - {id: app, secret: "env:APP_KEY"}
${more}`;

const ask = (url: string, model: string, stream = false) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] }),
  });

describe('npm start, as a new user meets it', () => {
  it('prints a curl line that answers when pasted', async () => {
    const sluice = await startProcess();
    const line = sluice
      .output()
      .split('\n')
      .find((each) => each.startsWith('curl '));
    expect(line).toBeDefined();
    const { stdout } = await run('bash', ['-c', `${line} -s`]);
    expect(JSON.parse(stdout).choices[0].message.content).toContain('Hello');
    expect(sluice.output()).toContain('simulator');
  });

  it('shows the first key once and keeps only its hash', async () => {
    const first = await startProcess();
    const key = /sk-sluice-[\w-]+/.exec(first.output())?.[0] ?? '';
    const { stdout: kept } = await run('cat', [join(first.folder, 'data/keys.json')]);
    expect(kept).not.toContain(key);
    first.child.kill('SIGTERM');
    await first.exited;
    const second = await startProcess({ folder: first.folder });
    expect(second.output()).not.toContain(key);
    const response = await fetch(`${second.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(response.status).toBe(200);
  });

  it('refuses to listen beyond loopback without keys of its own', async () => {
    const sluice = await startProcess({ env: { SLUICE_LISTEN: '0.0.0.0:0' }, refused: true });
    expect(await sluice.exited).toBe(1);
    expect(sluice.output()).toContain('keys of your own');
  });

  it('refuses a wrong configuration with every problem, its line and its path', async () => {
    const config = 'providers:\n  - name: x\n    dialect: smoke-signals\n    colour: red\nroutes: 7\n';
    const sluice = await startProcess({ config, refused: true });
    expect(await sluice.exited).toBe(1);
    expect(sluice.output()).toMatch(/sluice\.yaml:4:\d+ providers\[0\]\.colour/);
    expect(sluice.output()).toMatch(/sluice\.yaml:3:\d+ providers\[0\]\.dialect/);
    expect(sluice.output()).toMatch(/sluice\.yaml:5:\d+ routes/);
  });

  it('says which address is taken', async () => {
    const first = await startProcess();
    const port = Number(new URL(first.url).port);
    const second = await startProcess({ port, refused: true });
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(`127.0.0.1:${port}`);
  });
});

describe('a running server', () => {
  it('takes a changed configuration, and keeps the old one when the new one is bad', async () => {
    const simulator = await startSimulator();
    const sluice = await startProcess({ config: configFor(simulator.url), env: { APP_KEY: KEY } });
    const path = join(sluice.folder, 'sluice.yaml');
    expect((await ask(sluice.url, 'fresh')).status).toBe(404);

    await writeFile(
      path,
      configFor(simulator.url, 'routes:\n  - {name: fresh, targets: [{provider: nobody, model: x}]}\n'),
    );
    await expect.poll(() => sluice.output(), { timeout: 10_000 }).toContain('configuration refused');
    expect((await ask(sluice.url, 'sim/simulated-chat')).status).toBe(200);

    await writeFile(
      path,
      configFor(simulator.url, 'routes:\n  - {name: fresh, targets: [{provider: sim, model: x}]}\n'),
    );
    await expect.poll(async () => (await ask(sluice.url, 'fresh')).status, { timeout: 10_000 }).toBe(200);
    await simulator.close();
  });

  it('refuses a new configuration without keys or providers: nobody could call, or the simulator would answer', async () => {
    const simulator = await startSimulator();
    const sluice = await startProcess({ config: configFor(simulator.url), env: { APP_KEY: KEY } });
    await writeFile(join(sluice.folder, 'sluice.yaml'), 'routes: []\n');
    await expect.poll(() => sluice.output(), { timeout: 10_000 }).toContain('none is left');
    expect((await ask(sluice.url, 'sim/simulated-chat')).status).toBe(200);
    await simulator.close();
  });

  it('lives through SIGHUP when there is no file to load', async () => {
    const sluice = await startProcess();
    sluice.child.kill('SIGHUP');
    await expect.poll(() => sluice.output()).toContain('no configuration file');
    expect((await fetch(`${sluice.url}/readyz`)).status).toBe(200);
  });

  it('on SIGTERM is not ready at once, finishes what runs and exits 0', async () => {
    const simulator = await startSimulator();
    const config = configFor(simulator.url);
    const env = { APP_KEY: KEY, SLUICE_DRAIN_DELAY: '300ms', SLUICE_DRAIN_DEADLINE: '10s' };
    const sluice = await startProcess({ config, env });
    const answer = ask(sluice.url, 'sim/simulated-chat?latency=1000', true);
    await expect.poll(() => simulator.stats().openRequests).toBe(1);
    sluice.child.kill('SIGTERM');
    await expect
      .poll(async () => (await fetch(`${sluice.url}/readyz`)).status, { interval: 20, timeout: 200 })
      .toBe(503);
    expect(sse(await (await answer).text()).at(-1)).toBe('[DONE]');
    expect(await sluice.exited).toBe(0);
    await simulator.close();
  });

  it('ends a stream that outlives the deadline with an error in the client’s format', async () => {
    const simulator = await startSimulator();
    const config = configFor(simulator.url);
    const sluice = await startProcess({ config, env: { APP_KEY: KEY, SLUICE_DRAIN_DEADLINE: '500ms' } });
    const response = await ask(sluice.url, 'sim/simulated-chat?output-tokens=5000&tokens-per-second=50', true);
    sluice.child.kill('SIGTERM');
    const events = sse(await response.text());
    expect(JSON.parse(events.at(-1) ?? '{}')).toMatchObject({ error: { code: 'shutting_down' } });
    expect(events).not.toContain('[DONE]');
    expect(await sluice.exited).toBe(0);
    await simulator.close();
  });
});
