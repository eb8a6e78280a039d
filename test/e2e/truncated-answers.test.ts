import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOf, tryCall } from '../../bars/support/truncation/asking.ts';
import { type BrokenProvider, startBrokenProvider } from '../../bars/support/truncation/broken-provider.ts';
import { providerRows, routeRows } from '../../bars/support/truncation/config.ts';
import { CORPUS, type CorpusEntry } from '../../bars/support/truncation/corpus.ts';
import { DOORS } from '../../bars/support/truncation/doors.ts';
import { sdkWays, trySdk } from '../../bars/support/truncation/sdks.ts';
import { DIALECTS, type Dialect } from '../../bars/support/truncation/streams.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

// Some answers of the corpus of bars/b22-truncation.ts, which tries all.

const SAMPLE = 19;
const entries = CORPUS.filter(({ huge }, at) => !huge && at % SAMPLE === 0);
const of = (dialect: Dialect): readonly CorpusEntry[] => entries.filter((entry) => entry.dialect === dialect);

let provider: BrokenProvider;
let gateway: TestGateway;
beforeAll(async () => {
  provider = await startBrokenProvider(new Map(entries.map((entry) => [entry.id, entry])));
  gateway = await openGateway({
    providers: () => `${providerRows(provider.url, 'TEST_KEY').join('\n')}\n`,
    yaml: routeRows(entries),
  });
});
afterAll(async () => {
  await gateway.close();
  await provider.close();
});

describe.each(DIALECTS)('broken answers of a provider that speaks %s', (dialect) => {
  it.each(DOORS)('end at the door %s in its own error, or whole from another target', async (door) => {
    const wrong: string[] = [];
    for (const call of of(dialect).flatMap((entry) => callsOf(entry, door))) {
      const fault = await tryCall(gateway.url, call, TEST_KEY);
      if (fault !== undefined) wrong.push(`${call.entry.name}, ${call.route}: ${fault}`);
    }
    expect(wrong).toEqual([]);
    await gateway.liveCalls.idle();
    expect(gateway.ledger.openCalls.size).toBe(0);
  });

  it('make the official SDKs throw', async () => {
    const wrong: string[] = [];
    for (const way of sdkWays(gateway.url, TEST_KEY)) {
      for (const entry of of(dialect).filter(({ stream }) => stream)) {
        const fault = await trySdk(way, entry);
        if (fault !== undefined) wrong.push(`${way.name}, ${entry.name}: ${fault}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
