import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CASES, WORK } from './cases.ts';
import { startGateway } from './gateway.ts';
import { startLoadGenerator } from './load/load-generator.ts';
import { scratch } from './processes.ts';
import { figure, table } from './report/table.ts';
import { startUpstream } from './stage.ts';

/** Where the gateway's CPU time goes in one case of the benchmark: node bench/profile.ts <case> [seconds] */

const ROOT = resolve(import.meta.dirname, '..');
const SHOWN = 25;
const WARM_SECONDS = 3;

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/** Chrome's format, chromedevtools.github.io/devtools-protocol/tot/Profiler, as far as it is read here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  /** Microseconds of the machine's monotonic clock, as process.hrtime has it. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** The profile, and the moment from which on the gateway was warm. */
async function record(id: string, seconds: number): Promise<{ readonly profile: CpuProfile; readonly from: number }> {
  const one = CASES.find((known) => known.id === id);
  if (one === undefined)
    throw new Error(`There is no case "${id}"; there are ${CASES.map((known) => known.id).join(', ')}.`);
  const folder = join(scratch, 'profile');
  mkdirSync(folder);
  const load = startLoadGenerator();
  const upstream = await startUpstream();
  const gateway = await startGateway({
    upstreamPort: upstream.port,
    nodeFlags: ['--cpu-prof', `--cpu-prof-dir=${folder}`],
  });
  const task = { kind: 'closed', lane: one.call(gateway.port), connections: WORK[one.floor].connections } as const;
  await load.run({ ...task, seconds: WARM_SECONDS });
  const from = Number(process.hrtime.bigint() / 1000n);
  const done = await load.run({ ...task, seconds });
  if (done.failed > 0) throw new Error(`Calls failed: ${done.failure}`);
  console.log(`${one.title}: ${done.calls} calls\n`);
  await gateway.stop('SIGTERM');
  const file = existsSync(folder) ? readdirSync(folder)[0] : undefined;
  if (file === undefined) throw new Error('The gateway has written no profile.');
  return { profile: JSON.parse(readFileSync(join(folder, file), 'utf8')), from };
}

/** Time in each function itself, and in it with all that it calls, as shares of the time that was not idle. */
function shares(nameOf: (frame: CallFrame) => string): Map<string, { self: number; total: number }> {
  const self = new Map<number, number>();
  let now = profile.startTime;
  profile.samples.forEach((id, at) => {
    const micros = profile.timeDeltas[at] ?? 0;
    now += micros;
    if (now >= from) self.set(id, (self.get(id) ?? 0) + micros);
  });
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const sums = new Map<string, { self: number; total: number }>();
  let busy = 0;
  const walk = (id: number, above: ReadonlySet<string>): number => {
    const node = nodes.get(id);
    if (node === undefined || node.callFrame.functionName === '(idle)') return 0;
    const name = nameOf(node.callFrame);
    const own = self.get(id) ?? 0;
    busy += own;
    const within = new Set(above).add(name);
    const total = (node.children ?? []).reduce((sum, child) => sum + walk(child, within), own);
    const sum = sums.get(name) ?? { self: 0, total: 0 };
    // Of functions that call themselves only the outermost counts.
    sums.set(name, { self: sum.self + own, total: sum.total + (above.has(name) ? 0 : total) });
    return total;
  };
  const root = profile.nodes[0];
  if (root !== undefined) walk(root.id, new Set());
  for (const sum of sums.values()) {
    sum.self /= busy;
    sum.total /= busy;
  }
  return sums;
}

function pathOf({ url }: CallFrame): string {
  return url.startsWith('file:') ? relative(ROOT, fileURLToPath(url)) : url;
}

function functionOf(frame: CallFrame): string {
  const path = pathOf(frame);
  const name = frame.functionName || '(anonymous)';
  return path === '' ? name : `${name} ${path}:${frame.lineNumber + 1}`;
}

/** The package, the part of Node or the folder of ours that a function belongs to. */
function partOf(frame: CallFrame): string {
  const path = pathOf(frame);
  if (path === '') return frame.functionName === '(garbage collector)' ? 'garbage collection' : 'native code';
  if (path.startsWith('node:')) return path.split('/').slice(0, 2).join('/');
  const inPackage = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  return inPackage ?? path.split('/').slice(0, 2).join('/');
}

function show(title: string, sums: Map<string, { self: number; total: number }>, by: 'self' | 'total'): void {
  const rows = [...sums].toSorted(([, a], [, b]) => b[by] - a[by]).slice(0, SHOWN);
  const cells = rows.map(([name, { self, total }]) => [name, figure(self * 100, 1), figure(total * 100, 1)]);
  console.log(`${table([title, 'self %', 'total %'], cells)}\n`);
}

const { profile, from } = await record(process.argv[2] ?? '', Number(process.argv[3] ?? 6));
const functions = shares(functionOf);
const ours = new Map([...functions].filter(([name]) => / (?:server|gen)\//.test(name)));
show('parts', shares(partOf), 'self');
show('functions', functions, 'self');
show('our functions, by themselves', ours, 'self');
show('our functions, with what they call', ours, 'total');
process.exit(0);
