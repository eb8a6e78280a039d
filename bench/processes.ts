import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a process runs: the one that is measured has the first core for itself, all others share the second. */
export type Place = 'measured' | 'other';

export interface RunningProcess {
  readonly pid: number;
  readonly port: number;
  readonly child: ChildProcess;
  /** Ends it, with SIGKILL unless told otherwise, and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ProcessInit {
  readonly name: string;
  readonly place: Place;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Has one group, the port. The process is ready when a line of its output matches. */
  readonly ready?: RegExp;
}

const CORES: Readonly<Record<Place, string>> = { measured: '0', other: '1' };
const READY_WITHIN_MS = 20_000;

/** Whether processes can be tied to cores here: two cores and taskset, which is Linux's. */
export const pins = availableParallelism() >= 2 && spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;

const running = new Set<ChildProcess>();

/** A folder for configurations, logs and profiles. It goes away with this process. */
export const scratch = mkdtempSync(join(tmpdir(), 'sluice-bench-'));

/** The command as it must be called to run in its place. */
export function placed(place: Place, command: string, args: readonly string[]): readonly [string, string[]] {
  return pins ? ['taskset', ['-c', CORES[place], command, ...args]] : [command, [...args]];
}

/** Whatever way this process ends, its children end with it. */
export function track(child: ChildProcess): void {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
}

process.once('exit', endAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
if (pins) spawnSync('taskset', ['-a', '-c', '-p', CORES.other, String(process.pid)]);

/** Starts a process and waits until it says that it is ready. */
export async function startProcess(init: ProcessInit): Promise<RunningProcess> {
  const [command, args] = placed(init.place, init.command, init.args);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...init.env },
    cwd: init.cwd ?? scratch,
  });
  track(child);
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const port = await readyPort(child, init);
  if (child.pid === undefined) throw new Error(`${init.name} has no process id.`);
  return {
    pid: child.pid,
    port,
    child,
    async stop(signal = 'SIGKILL') {
      child.kill(signal);
      await gone;
    },
  };
}

/** Reads what the process prints, to the end of its life, so that it never waits for a reader. */
function readyPort(child: ChildProcess, { name, ready = /ready on port (\d+)/ }: ProcessInit): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why: string): void => reject(new Error(`${name} ${why}:\n${output.slice(-2000)}`));
    const timer = setTimeout(() => fail('is not ready in time'), READY_WITHIN_MS);
    const read = (text: Buffer): void => {
      if (output.length > 100_000) return;
      output += text.toString();
      const port = ready.exec(output)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => fail(`does not start (${error.message})`));
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });
}
