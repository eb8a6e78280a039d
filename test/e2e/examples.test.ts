import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

// The examples of the three clients, each against one gateway with a recorded answer behind it.

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const RECORDING = join(ROOT, '../shared/fixtures/recorded/mistral/mistral-text.chunks.txt');
const PYTHON = join(ROOT, 'clients/python/.venv/bin/python');
const GO = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'go'))
  .find(existsSync);

interface Client {
  readonly name: string;
  readonly missing?: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

const CLIENTS: readonly Client[] = [
  {
    name: 'TypeScript',
    command: process.execPath,
    args: [join(ROOT, 'clients/ts/examples/chat.ts')],
    cwd: ROOT,
  },
  {
    name: 'Go',
    ...(GO === undefined ? { missing: 'no go' } : {}),
    command: GO ?? '',
    args: ['run', './examples/chat'],
    cwd: join(ROOT, 'clients/go'),
  },
  {
    name: 'Python',
    ...(existsSync(PYTHON) ? {} : { missing: 'no clients/python/.venv; clients/python/check.sh makes it' }),
    command: PYTHON,
    args: [join(ROOT, 'clients/python/examples/chat.py')],
    cwd: ROOT,
  },
];

const recorded = existsSync(RECORDING)
  ? readFileSync(RECORDING, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  : [];
const skipAll = recorded.length === 0 ? ' (skipped: no recordings beside the project)' : '';

/** Answers every chat with the recording. */
const replay = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end([...recorded, '[DONE]'].map((line) => `data: ${line}\n\n`).join(''));
});

let gateway: TestGateway;

beforeAll(async () => {
  await new Promise<void>((done) => replay.listen(0, '127.0.0.1', done));
  const { port } = replay.address() as AddressInfo;
  gateway = await openGateway({ replayUrl: `http://127.0.0.1:${port}/v1` });
});
afterAll(async () => {
  await gateway.close();
  replay.closeAllConnections();
  replay.close();
});

function start(client: Client, model: string) {
  const env = { ...process.env, SLUICE_URL: gateway.url, SLUICE_API_KEY: TEST_KEY };
  return run(client.command, [...client.args, model], { cwd: client.cwd, env });
}

describe.each(CLIENTS)('the example of the $name client', { timeout: 120_000 }, (client) => {
  const reason = client.missing === undefined ? skipAll : ` (skipped: ${client.missing})`;

  it.skipIf(reason !== '')(`streams a whole recorded answer, and its Decision to standard error${reason}`, async () => {
    const { stdout, stderr } = await start(client, 'replay/some-model');
    const text = recorded.map((line) => JSON.parse(line).choices[0]?.delta.content ?? '').join('');
    expect(text).not.toBe('');
    expect(stdout.trimEnd()).toBe(text.trimEnd());
    expect(JSON.parse(stderr)).toMatchObject({ requestId: expect.stringMatching(/^req_/) });
  });

  it.skipIf(client.missing !== undefined)(`reads the reason of an error${client.missing ? reason : ''}`, async () => {
    const failure = (await start(client, 'nobody/knows').catch((error: unknown) => error)) as { stderr: string };
    expect(failure.stderr).toContain('MODEL_NOT_FOUND');
  });
});

describe('a Go program whose deadline passes', { timeout: 120_000 }, () => {
  it.skipIf(GO === undefined)(
    `closes the provider’s connection${GO === undefined ? ' (skipped: no go)' : ''}`,
    async () => {
      const deadline: Client = {
        name: 'Go',
        command: GO ?? '',
        args: ['run', './examples/deadline'],
        cwd: join(ROOT, 'clients/go'),
      };
      const { stdout } = await start(deadline, 'sim/simulated-chat?output-tokens=5000&tokens-per-second=50');
      expect(stdout).toContain('Time is up');
      await gateway.liveCalls.idle();
      await gateway.simulator.idle();
      expect(gateway.simulator.stats().openRequests).toBe(0);
      const { outcome } = gateway.ledger.settled.at(-1) ?? {};
      // The server's own timer and the client's cancel race; both end the call.
      expect(['DEADLINE_EXCEEDED', 'CANCELED']).toContain(outcome?.kind === 'failure' ? outcome.reason : 'success');
    },
  );
});
