import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type Account, accountKey } from '../../server/limits/account.ts';
import { createSqliteDatabase } from '../../server/stores/sqlite/database.ts';
import { createSqliteMoneyLedger } from '../../server/stores/sqlite/sqlite-money-ledger.ts';

// Measures the money ledger on this machine's disk: node bench/money/main.ts --seconds 5 --rate 1000 --lanes 64. First at a fixed
// rate, whether or not earlier ones have ended, then as fast as so many at once go. One reservation is reserved on three hard
// accounts and charged: two durable steps. Prints JSON.

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '1000' },
    lanes: { type: 'string', default: '64' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const millis = Number(values.seconds) * 1000;
const folder = await mkdtemp(join(values.folder, 'sluice-bench-money-'));
const database = createSqliteDatabase(join(folder, 'sluice.db'));
const ledger = createSqliteMoneyLedger(database);

const accounts: readonly Account[] = ['org', 'team', 'key'].map((budgetId) => ({
  key: accountKey({ id: budgetId, epoch: 0, groupBy: [] }, [], 0),
  budgetId,
  group: [],
  windowStartMs: 0,
  windowEndMs: 1,
  unit: 'NANO_USD',
  limit: 2n ** 62n,
  hard: true,
  earlier: [],
}));

interface Times {
  readonly reserve: number[];
  readonly settle: number[];
}

let made = 0;

async function spend(times: Times): Promise<void> {
  made += 1;
  const id = `rsv_${made}`;
  const begun = performance.now();
  const { kind } = await ledger.reserve({
    id,
    requestId: `req_${made}`,
    holds: accounts.map((account) => ({ account, amount: 1000n })),
    boundNanoUsd: 1000n,
    priceVersion: 'bench',
    state: 'dispatched',
    atMs: 0,
    leaseUntilMs: 60_000,
  });
  if (kind !== 'reserved') throw new Error(`A reservation was ${kind}.`);
  const held = performance.now();
  await ledger.resolve({ id, state: 'settled', nanoUsd: 700n, tokens: 10n, source: 'provider', atMs: 1 });
  times.reserve.push(held - begun);
  times.settle.push(performance.now() - held);
}

/** So many each second, in steps of a hundredth. */
async function atRate(rate: number, times: Times): Promise<void> {
  const begun = performance.now();
  const all: Promise<void>[] = [];
  for (let passed = 0; passed < millis; passed = performance.now() - begun) {
    while (all.length < (passed / 1000) * rate) all.push(spend(times));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(all);
}

async function inLanes(lanes: number, times: Times): Promise<void> {
  const until = performance.now() + millis;
  const lane = async (): Promise<void> => {
    while (performance.now() < until) await spend(times);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function measure(run: (times: Times) => Promise<void>) {
  const times: Times = { reserve: [], settle: [] };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const begun = performance.now();
  await run(times);
  const seconds = (performance.now() - begun) / 1000;
  delay.disable();
  return {
    each_second: Math.round(times.reserve.length / seconds),
    reserve_ms: quantiles(times.reserve),
    settle_ms: quantiles(times.settle),
    loop_delay_ms: { p99: delay.percentile(99) / 1e6, most: delay.max / 1e6 },
  };
}

function quantiles(times: readonly number[]) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2));
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

await spend({ reserve: [], settle: [] });
const fixed = await measure((times) => atRate(Number(values.rate), times));
const full = await measure((times) => inLanes(Number(values.lanes), times));
await database.close();
await rm(folder, { recursive: true });
console.log(JSON.stringify({ fixed, full }, undefined, 2));
