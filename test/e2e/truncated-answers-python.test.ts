import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startBrokenProvider } from '../../bars/support/truncation/broken-provider.ts';
import { aloneRoute, providerRows, routeRows } from '../../bars/support/truncation/config.ts';
import { CORPUS } from '../../bars/support/truncation/corpus.ts';
import { startGateway, TEST_KEY } from '../support/gateway.ts';

const script = join(resolve(import.meta.dirname, '../..'), 'test/python/broken_streams.py');
const { SLUICE_TEST_PYTHON: python } = process.env;
const note = python === undefined ? ' (skipped: no Python with the packages openai and anthropic)' : '';

const SAMPLE = 23;
const entries = CORPUS.filter(({ huge, stream }, at) => stream && !huge && at % SAMPLE === 0);

describe(`the official SDKs of OpenAI and Anthropic for Python, unmodified${note}`, () => {
  it.skipIf(python === undefined)('raise at streams that break', { timeout: 120_000 }, async () => {
    const provider = await startBrokenProvider(new Map(entries.map((entry) => [entry.id, entry])));
    onTestFinished(() => provider.close());
    const gateway = await startGateway({
      providers: () => `${providerRows(provider.url, 'TEST_KEY').join('\n')}\n`,
      yaml: routeRows(entries),
    });
    const child = spawn(python ?? '', [script, gateway.url, TEST_KEY], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(
      JSON.stringify(entries.map(({ id, outcome }) => ({ model: aloneRoute(id), whole: outcome === 'whole' }))),
    );
    expect(await text(child.stdout)).toBe(`${entries.length} streams\n`);
    await gateway.liveCalls.idle();
    expect(gateway.ledger.openCalls.size).toBe(0);
  });
});
