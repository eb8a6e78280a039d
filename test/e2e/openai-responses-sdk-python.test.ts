import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startGateway, TEST_KEY } from '../support/gateway.ts';

const run = promisify(execFile);
const script = join(resolve(import.meta.dirname, '../..'), 'test/python/openai_responses_sdk.py');
const { SLUICE_TEST_PYTHON: python } = process.env;
const note = python === undefined ? ' (skipped: no Python with the openai package)' : '';

describe(`responses and completions of the official OpenAI SDK for Python, unmodified${note}`, () => {
  it.skipIf(python === undefined).each([
    ['own/simulated-chat', 'text/simulated-chat'],
    ['sim/simulated-chat', 'sim/simulated-chat'],
  ])('work with the models %s and %s', { timeout: 60_000 }, async (model, textModel) => {
    const gateway = await startGateway({
      providers: (url) =>
        [
          `  - {name: own, dialect: openai-responses, base_url: "${url}/v1", allow_private_address: true}`,
          `  - {name: text, dialect: openai-completions, base_url: "${url}/v1", allow_private_address: true}\n`,
        ].join('\n'),
    });
    const { stdout } = await run(python ?? '', [script, gateway.url, TEST_KEY, model, textModel]);
    expect(stdout).toMatch(/\d+ checks\n$/);
    await gateway.liveCalls.idle();
    expect(gateway.ledger.openCalls.size).toBe(0);
  });
});
