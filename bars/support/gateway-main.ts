import { once } from 'node:events';
import { create } from '@bufbuild/protobuf';
import { ProviderSchema } from '../../gen/sluice/config/v1/config_pb.ts';
import { createApp } from '../../server/app.ts';
import { openConfigKeeper } from '../../server/config/config-keeper.ts';
import { loadConfigText } from '../../server/config/load-config.ts';
import { formatProblem } from '../../server/config/problems.ts';
import { createSecretResolver } from '../../server/config/secret-resolver.ts';
import { type Clock, systemClock } from '../../server/core/clock.ts';
import { systemRandom } from '../../server/core/random.ts';
import type { CallLedger } from '../../server/limits/call-ledger.ts';
import { createLiveCalls } from '../../server/pipeline/live-call.ts';
import { createMemoryConfigRevisions } from '../../server/stores/memory/memory-config-revisions.ts';
import { createMemoryLedger } from '../../server/stores/memory/memory-ledger.ts';
import { createJsonLogger } from '../../server/telemetry/logger.ts';
import { createUndiciUpstream } from '../../server/upstream/undici-upstream.ts';
import type { GatewayOrder, Vitals } from './vitals.ts';

// The gateway as server/main.ts puts it together, in a process of its own, so that its memory and its event loop are
// measured alone. It answers each message of its parent with its Vitals, and ends with its parent.

const [order] = (await once(process, 'message')) as [GatewayOrder];
const WATCH_MS = 2;

/** A clock that runs faster, timers included. */
function fasterClock(speed: number): Clock {
  const start = Date.now();
  const monotonic = (): number => systemClock.monotonic() * speed;
  return {
    now: () => start + (Date.now() - start) * speed,
    monotonic,
    schedule: (milliseconds, callback) => systemClock.schedule(milliseconds / speed, callback),
  };
}

const counted = { settled: 0, lastSettledAtMs: 0 };

/** The ledger of the process, and what it has seen. */
function countingLedger(ledger: CallLedger): CallLedger {
  return {
    open: (call) => ledger.open(call),
    dispatch: (requestId, attempt) => ledger.dispatch(requestId, attempt),
    async settle(call) {
      await ledger.settle(call);
      counted.settled += 1;
      counted.lastSettledAtMs = Date.now();
    },
  };
}

const clock = order.speed === 1 ? systemClock : fasterClock(order.speed);
const readFile = (): Promise<never> => Promise.reject(new Error('no files'));
const input = {
  env: {},
  readFile,
  resolver: createSecretResolver({ env: { BAR_KEY: order.key }, readFile }),
  nowMs: Date.now(),
  builtInProvider: async () => create(ProviderSchema),
};
const opened = await openConfigKeeper({
  readFile: async () => ({ kind: 'ok', text: order.config }),
  load: (_, text) => loadConfigText(input, { file: 'sluice.yaml', text }),
  store: createMemoryConfigRevisions(),
  latest: undefined,
  clock,
  onUnrecorded: () => {},
});
if (opened.kind === 'bad') throw new Error(opened.problems.map(formatProblem).join('\n'));
const { keeper } = opened;

const ledger = createMemoryLedger({ kept: 1000 });
const liveCalls = createLiveCalls(clock);
const app = await createApp({
  config: keeper.holder,
  keeper,
  ledger: countingLedger(ledger),
  clock,
  random: systemRandom,
  upstream: createUndiciUpstream({ clock }),
  liveCalls,
  logger: createJsonLogger({ write: (line) => process.stderr.write(line), now: () => Date.now() }),
});
const { port } = await app.port.listen('127.0.0.1', 0);
app.readiness.ready = true;

const ownNames = new Set(Object.getOwnPropertyNames(Object.prototype));

let longestStallMs = 0;
let lastBeat = performance.now();
setInterval(() => {
  const now = performance.now();
  longestStallMs = Math.max(longestStallMs, now - lastBeat - WATCH_MS);
  lastBeat = now;
}, WATCH_MS);

function vitals(collect: boolean): Vitals {
  const stall = Math.max(longestStallMs, performance.now() - lastBeat - WATCH_MS);
  // The collections are the bar's own doing.
  for (let times = 0; collect && times < 2; times += 1) globalThis.gc?.();
  lastBeat = performance.now();
  longestStallMs = 0;
  return {
    heapUsed: process.memoryUsage().heapUsed,
    liveCalls: liveCalls.size,
    openCalls: ledger.openCalls.size,
    ...counted,
    connections: app.port.connections,
    longestStallMs: stall,
    polluted: Object.getOwnPropertyNames(Object.prototype).filter((name) => !ownNames.has(name)),
  };
}

process.on('message', (what) => process.send?.(vitals(what === 'vitals')));
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
