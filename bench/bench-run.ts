import { directCall } from './calls.ts';
import { type BenchCase, CASES, WORK } from './cases.ts';
import { hasNginx, startNginx } from './floors/nginx.ts';
import { type Floor, startNodeFloor } from './floors/node-floor.ts';
import { startGateway } from './gateway.ts';
import type { LaneInit } from './load/task.ts';
import { type LoadGenerator, startLoadGenerator } from './load/load-generator.ts';
import { startUpstream } from './mock-provider.ts';
import type { Options } from './options.ts';
import { cpuMicros, rssMegabytes } from './proc-stat.ts';
import type { RunningProcess } from './processes.ts';
import type { CaseResult, LatencyRound, PacedResult, Results, Sample } from './results.ts';
import { LATENCY_RATE, OPEN_STREAMS, PACED_EVENTS } from './sizes.ts';
import { median } from './median.ts';

/** All that runs during the benchmark, started once: what is measured is warm. */
interface Stage {
  readonly options: Options;
  readonly load: LoadGenerator;
  readonly upstreamPort: number;
  readonly gateway: RunningProcess;
  readonly floors: Readonly<Record<Floor, RunningProcess>>;
  readonly nginx: RunningProcess | undefined;
  readonly say: (line: string) => void;
}

/** Runs everything, in rounds, and ends what it started. */
export async function runBenchmark(options: Options, say: (line: string) => void): Promise<Results> {
  const load = startLoadGenerator();
  const upstream = await startUpstream();
  const started: RunningProcess[] = [upstream];
  try {
    say('starts to first answers');
    const starts = await measureStarts(options, load, upstream.port);
    const [gateway, unary, stream] = await Promise.all([
      startGateway({ upstreamPort: upstream.port }),
      startNodeFloor('unary', upstream.port),
      startNodeFloor('stream', upstream.port),
    ]);
    const nginx = hasNginx ? await startNginx(upstream.port) : undefined;
    started.push(gateway, unary, stream, ...(nginx === undefined ? [] : [nginx]));
    const stage = { options, load, upstreamPort: upstream.port, gateway, floors: { unary, stream }, nginx, say };
    return { ...starts, ...(await measureAll(stage)) };
  } finally {
    load.stop();
    await Promise.all(started.map((one) => one.stop()));
  }
}

async function measureAll(stage: Stage): Promise<Omit<Results, 'starts' | 'floorStarts'>> {
  const { gateway, floors, options, say } = stage;
  const idle = { gateway: rssMegabytes(gateway.pid), floor: rssMegabytes(floors.unary.pid) };
  say('warming up');
  const broken = await warmUp(stage);
  const cases = CASES.map((one) => ({ case: one, pairs: [], failure: broken.get(one.id) }) satisfies CaseResult);
  const nginx: Sample[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    say(`round ${round} of ${options.rounds}: cost`);
    await measureCosts(stage, cases, nginx);
  }
  const rate = latencyRate(cases);
  const latency: LatencyRound[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    say(`round ${round} of ${options.rounds}: latency at ${rate}/s`);
    latency.push(await measureLatency(stage, rate));
  }
  const loaded = { gateway: rssMegabytes(gateway.pid), floor: rssMegabytes(floors.unary.pid) };
  const paced = options.long ? await measurePaced(stage) : [];
  return { cases, nginx, rate, latency, idle, loaded, paced };
}
