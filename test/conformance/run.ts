import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { SUITE_VERSION } from './generate.ts';
import { SKIPPED } from './skipped.ts';

// "npm run conformance": the official suite of the Connect project, https://github.com/connectrpc/conformance, against
// this project's own listener and adapter. Ends with status 1 where a case fails or none ran; a machine that cannot run
// it gets a line that says so and status 0, or 1 with --required. Other arguments go to the suite, as in --run "Basic/**".

const PROGRAM = 'connectconformance';
/** The whole suite takes half a minute on two cores. */
const TIME_LIMIT_MS = 300_000;
const INSTALL_LIMIT_MS = 600_000;

interface Ending {
  readonly status: number | null;
  readonly printed: string;
}

/** Runs a program in a process group of its own, which is ended as a whole when the time is over. */
function run(program: string, args: readonly string[], limitMs: number): Promise<Ending> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const chunks: Buffer[] = [];
    const end = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    const timer = setTimeout(() => {
      chunks.push(Buffer.from(`\n${program} was ended after ${limitMs / 1000} s\n`));
      end();
    }, limitMs);
    process.once('SIGINT', end).once('SIGTERM', end);
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const finish = (status: number | null): void => {
      clearTimeout(timer);
      process.off('SIGINT', end).off('SIGTERM', end);
      resolve({ status, printed: Buffer.concat(chunks).toString() });
    };
    child.once('error', () => finish(null));
    child.once('close', finish);
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The suite's program of the right version: found, else installed. Undefined where there is none. */
async function findSuite(): Promise<string | undefined> {
  const goBin = join(homedir(), 'go', 'bin');
  const folders = [...(process.env.PATH ?? '').split(delimiter), goBin];
  for (const file of folders.map((folder) => join(folder, PROGRAM)).filter(isExecutable)) {
    const { printed } = await run(file, ['--version'], 10_000);
    if (printed.trim().endsWith(SUITE_VERSION)) return file;
  }
  console.log(`Installing ${PROGRAM} ${SUITE_VERSION} with go; this takes some minutes.`);
  const target = `connectrpc.com/conformance/cmd/${PROGRAM}@${SUITE_VERSION}`;
  const { status } = await run('env', [`GOBIN=${goBin}`, 'go', 'install', target], INSTALL_LIMIT_MS);
  return status === 0 ? join(goBin, PROGRAM) : undefined;
}

const number = (printed: string, pattern: RegExp): number => Number(pattern.exec(printed)?.[1] ?? 0);

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const suite = await findSuite();
  if (suite === undefined) {
    console.log(
      `Skipped: ${PROGRAM} ${SUITE_VERSION} is neither on the path nor in ~/go/bin, and go cannot install it.`,
    );
    return args.includes('--required') ? 1 : 0;
  }
  const { status, printed } = await run(
    suite,
    [
      ...['--mode', 'server', '--conf', join(import.meta.dirname, 'features.yaml'), '-v'],
      ...SKIPPED.flatMap(({ pattern }) => ['--skip', pattern]),
      ...args.filter((arg) => arg !== '--required'),
      ...['--', process.execPath, join(import.meta.dirname, 'server-under-test.ts')],
    ],
    TIME_LIMIT_MS,
  );
  const total = number(printed, /Total cases: (\d+)/);
  const passed = number(printed, /(\d+) passed/);
  const failed = number(printed, /(\d+) failed/) + number(printed, /Another (\d+) could not be run/);
  const skipped = Math.max(number(printed, /Computed (\d+) test case permutation/) - total, 0);
  const bad = status !== 0 || failed > 0 || passed === 0;
  if (bad) console.log(printed);
  for (const { pattern, reason } of SKIPPED) console.log(`skipped ${pattern}: ${reason}`);
  console.log(`${passed} cases passed, ${failed} failed, ${skipped} skipped`);
  return bad ? 1 : 0;
}

process.exitCode = await main();
