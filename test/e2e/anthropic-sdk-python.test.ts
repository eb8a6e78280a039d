import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startGateway, TEST_KEY } from '../support/gateway.ts';

const run = promisify(execFile);
const script = join(resolve(import.meta.dirname, '../..'), 'test/python/anthropic_sdk.py');
const { SLUICE_TEST_PYTHON: python } = process.env;
const note = python === undefined ? ' (skipped: no Python with the anthropic package)' : '';

describe(`the official Anthropic SDK for Python, unmodified${note}`, () => {
  it.skipIf(python === undefined).each(['claude/simulated-chat', 'sim/simulated-chat'])(
    'works with the model %s',
    { timeout: 60_000 },
    async (model) => {
      const gateway = await startGateway({
        providers: (url) =>
          `  - {name: claude, dialect: anthropic-messages, base_url: "${url}/v1", allow_private_address: true}\n`,
      });
      const { stdout } = await run(python ?? '', [script, gateway.url, TEST_KEY, model]);
      expect(stdout).toMatch(/\d+ checks\n$/);
      await gateway.liveCalls.idle();
      expect(gateway.ledger.openCalls.size).toBe(0);
    },
  );
});
