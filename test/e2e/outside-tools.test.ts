import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startGateway, TEST_KEY } from '../support/gateway.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const { SLUICE_TEST_PYTHON: python, SLUICE_TEST_GRPCURL: grpcurl } = process.env;
const blackbox = join(ROOT, '../shared/blackbox/recorded.py');
const fixtures = join(ROOT, '../shared/fixtures');
const RECORDED = ['openai-chat', 'anthropic-messages', 'gemini'];
const generation = {
  model: 'sim/simulated-chat',
  messages: [{ role: 'ROLE_USER', parts: [{ text: { text: 'Hello' } }] }],
};

describe('tools that others made', () => {
  it.skipIf(python === undefined)(
    `the official OpenAI SDK for Python works unmodified${python === undefined ? ' (skipped: no Python with the openai package)' : ''}`,
    { timeout: 60_000 },
    async () => {
      const gateway = await startGateway();
      const script = join(ROOT, 'test/python/openai_sdk.py');
      const { stdout } = await run(python ?? '', [script, gateway.url, TEST_KEY]);
      expect(stdout).toMatch(/\d+ checks\n$/);
      await gateway.liveCalls.idle();
      expect(gateway.ledger.openCalls.size).toBe(0);
    },
  );

  const noBlackbox = !existsSync(blackbox) || !existsSync(fixtures);
  it.skipIf(noBlackbox).each(RECORDED)(
    `recorded answers of providers come out as they went in: %s${noBlackbox ? ' (skipped: no recordings beside the project)' : ''}`,
    { timeout: 120_000 },
    async (dialect) => {
      const { stdout } = await run('python3', [blackbox, ROOT, fixtures, dialect]).catch((error) => error);
      const [, agree, all] = /(\d+) of (\d+) agree/.exec(stdout) ?? [];
      expect(stdout).toMatch(/agree\n$/);
      expect(agree).toBe(all);
      expect(Number(all)).toBeGreaterThan(0);
    },
  );

  it.each([
    ['connect', []],
    ['grpc', ['--http2-prior-knowledge']],
    ['grpcweb', []],
  ] as const)('buf curl calls over %s', async (protocol, more) => {
    const { url } = await startGateway();
    const { stdout } = await run(join(ROOT, 'node_modules/.bin/buf'), [
      ...['curl', '--schema', join(ROOT, 'proto'), '--protocol', protocol, ...more],
      ...['--header', `authorization: Bearer ${TEST_KEY}`, '-d', JSON.stringify({ generation })],
      `${url}/sluice.v1.ChatService/Chat`,
    ]);
    expect(JSON.parse(stdout).choices[0].finishReason).toBe('FINISH_REASON_STOP');
  });

  it.skipIf(grpcurl === undefined)(
    `grpcurl streams${grpcurl === undefined ? ' (skipped: no grpcurl)' : ''}`,
    async () => {
      const { port } = await startGateway();
      const folder = await mkdtemp(join(tmpdir(), 'sluice-test-'));
      const protoset = join(folder, 'sluice.binpb');
      await run(join(ROOT, 'node_modules/.bin/buf'), ['build', join(ROOT, 'proto'), '-o', protoset]);
      const { stdout } = await run(grpcurl ?? '', [
        ...['-plaintext', '-protoset', protoset, '-H', `authorization: Bearer ${TEST_KEY}`],
        ...['-d', JSON.stringify({ generation }), `127.0.0.1:${port}`, 'sluice.v1.ChatService/StreamChat'],
      ]);
      await rm(folder, { recursive: true });
      expect(stdout).toContain('"finish"');
    },
  );
});
