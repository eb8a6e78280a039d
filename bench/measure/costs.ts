import { directCall } from '../calls.ts';
import { type BenchCase, CASES, WORK } from '../cases.ts';
import type { Floor } from '../floors/node-floor.ts';
import type { LaneInit } from '../load/task.ts';
import type { Options } from '../options.ts';
import { cpuMicros } from '../proc-stat.ts';
import type { CaseResult, Pair, Results, Sample } from '../results.ts';
import type { Stage } from '../stage.ts';

/** A program under load: its process, how to call it, and what kind of work it does. */
interface Subject {
  readonly pid: number;
  readonly lane: LaneInit;
  readonly floor: Floor;
}

/** Calls or chunks, after which a case is warm. */
const WARM_UNITS = 5000;

/** The mock's behaviour for each kind of work. */
const PROVIDER = { unary: 'unary', stream: 'burst' } as const;

/** CPU time for each unit of work, in rounds: floor, gateway, floor, gateway, case after case. */
export async function measureCosts(
  stage: Stage,
  options: Options,
  say: (line: string) => void,
): Promise<Pick<Results, 'cases' | 'nginx'>> {
  say('warming up');
  const failures = await warmUp(stage, options);
  const pairs = new Map<BenchCase, Pair[]>(CASES.map((one) => [one, []]));
  const nginx = { unary: [] as Sample[], stream: [] as Sample[] };
  for (let round = 1; round <= options.rounds; round += 1) {
    say(`cost, round ${round} of ${options.rounds}`);
    for (const one of CASES) {
      if (failures.has(one)) continue;
      const floor = await measure(stage, floorSubject(stage, one.floor), options.seconds);
      const gateway = await measure(stage, gatewaySubject(stage, one), options.seconds);
      pairs.get(one)?.push({ floor, gateway });
    }
    for (const floor of ['unary', 'stream'] as const) {
      const subject = nginxSubject(stage, floor);
      if (subject !== undefined) nginx[floor].push(await measure(stage, subject, options.seconds));
    }
  }
  const cases = CASES.map((one): CaseResult => {
    const failure = failures.get(one);
    return { case: one, pairs: pairs.get(one) ?? [], ...(failure !== undefined && { failure }) };
  });
  return { cases, nginx };
}

/** Runs each case once unmeasured. A case of which calls fail is left out: a refusal is fast and means nothing. */
async function warmUp(stage: Stage, options: Options): Promise<ReadonlyMap<BenchCase, string>> {
  for (const floor of ['unary', 'stream'] as const) {
    for (const subject of [floorSubject(stage, floor), nginxSubject(stage, floor)]) {
      if (subject !== undefined) await warm(stage, subject, options);
    }
  }
  const failures = new Map<BenchCase, string>();
  for (const one of CASES) {
    try {
      await warm(stage, gatewaySubject(stage, one), options);
    } catch (error) {
      failures.set(one, error instanceof Error ? error.message : String(error));
    }
  }
  return failures;
}

/** Code is compiled for speed after some thousand calls, which a busy machine needs more time for. */
async function warm(stage: Stage, subject: Subject, { warmSeconds, warmPieces }: Options): Promise<void> {
  let units = 0;
  for (let piece = 0; piece < warmPieces && units < WARM_UNITS; piece += 1) {
    units += (await measure(stage, subject, warmSeconds)).unitsPerSecond * warmSeconds;
  }
}

async function measure({ load }: Stage, { pid, lane, floor }: Subject, seconds: number): Promise<Sample> {
  const { connections, perCall } = WORK[floor];
  const before = cpuMicros(pid);
  const done = await load.run({ kind: 'closed', lane, connections, seconds });
  const micros = cpuMicros(pid) - before;
  if (done.failed > 0) throw new Error(`${done.failed} of ${done.failed + done.calls} calls failed: ${done.failure}`);
  const units = done.calls * perCall;
  return { micros: micros / units, unitsPerSecond: units / done.seconds };
}

function floorSubject({ floors }: Stage, floor: Floor): Subject {
  const { pid, port } = floors[floor];
  return { pid, floor, lane: directCall(port, PROVIDER[floor]) };
}

function nginxSubject({ nginx }: Stage, floor: Floor): Subject | undefined {
  return nginx && { pid: nginx.pid, floor, lane: directCall(nginx.port, PROVIDER[floor]) };
}

function gatewaySubject({ gateway }: Stage, { floor, call }: BenchCase): Subject {
  return { pid: gateway.pid, floor, lane: call(gateway.port) };
}
