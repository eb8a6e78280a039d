import { directCall, restCall } from '../calls.ts';
import type { LaneInit } from '../load/task.ts';
import type { Options } from '../options.ts';
import { type CaseResult, type Latency, type LatencyRound, median, type Results } from '../results.ts';
import { LATENCY_RATE } from '../sizes.ts';
import type { Stage } from '../stage.ts';

/** Of the gateway's most calls a second: above this, waiting in line is what would be measured. */
const MOST_OF_CAPACITY = 0.5;

/** Latencies of unary REST calls at a fixed rate, in rounds: the mock itself, the floor, the gateway. */
export async function measureLatency(
  stage: Stage,
  { rounds, latencySeconds }: Options,
  { cases, say }: { readonly cases: readonly CaseResult[]; readonly say: (line: string) => void },
): Promise<Pick<Results, 'rate' | 'latency'>> {
  const rate = sustainableRate(cases);
  const run = async (lane: LaneInit): Promise<Latency> => {
    const done = await stage.load.run({ kind: 'open', lane, rate, seconds: latencySeconds });
    if (done.failed > 0) say(`  ${done.failed} calls failed: ${done.failure}`);
    return { p50: done.p50 ?? Number.NaN, p99: done.p99 ?? Number.NaN };
  };
  const latency: LatencyRound[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    say(`latency at ${rate}/s, round ${round} of ${rounds}`);
    latency.push({
      direct: await run(directCall(stage.upstreamPort, 'unary')),
      floor: await run(directCall(stage.floors.unary.port, 'unary')),
      gateway: await run(restCall(stage.gateway.port, 'unary')),
    });
  }
  return { rate, latency };
}

/** In hundreds of calls a second. */
function sustainableRate(cases: readonly CaseResult[]): number {
  const pairs = cases.find((one) => one.case.id === 'rest')?.pairs ?? [];
  const capacity = median(pairs.map(({ gateway }) => gateway.unitsPerSecond)) * MOST_OF_CAPACITY;
  return Number.isNaN(capacity) ? LATENCY_RATE : Math.min(LATENCY_RATE, Math.max(1, Math.floor(capacity / 100)) * 100);
}
