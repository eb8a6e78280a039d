import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Found } from './found.ts';

const ROOT = join(import.meta.dirname, '../..');
const REQUIREMENTS = join(ROOT, 'test/python/requirements.txt');
const FOLDER = join(ROOT, '.venv/test');
/** Written last: holds what the environment was made from. */
const STAMP = join(FOLDER, 'made-from');
const PYTHON = join(FOLDER, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

const CANDIDATES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
const CHECK = 'import sys; assert sys.version_info >= (3, 11); print(sys.version)';

/** A Python of 3.11 or later with the packages of test/python/requirements.txt, in an environment made for the tests. */
export function findPython(say: (line: string) => void): Found {
  const system = systemPython();
  if (system === undefined) return { missing: 'no Python of 3.11 or later; install python3 and python3-venv' };
  const wanted = createHash('sha256').update(system.version).update(readFileSync(REQUIREMENTS)).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return { path: PYTHON };
  say('python: making .venv/test with the packages of test/python/requirements.txt');
  const failure = makeEnvironment(system.program, say);
  if (failure !== undefined) return { missing: failure };
  writeFileSync(STAMP, wanted);
  return { path: PYTHON };
}

function systemPython(): { readonly program: string; readonly version: string } | undefined {
  for (const program of CANDIDATES) {
    const { status, stdout } = run(program, ['-c', CHECK]);
    if (status === 0) return { program, version: stdout };
  }
  return undefined;
}

/** Makes the environment anew; says what failed. */
function makeEnvironment(program: string, say: (line: string) => void): string | undefined {
  const venv = (): Outcome => run(program, ['-m', 'venv', '--clear', FOLDER]);
  let made = venv();
  if (made.status !== 0 && installVenv(say)) made = venv();
  if (made.status !== 0) {
    rmSync(FOLDER, { recursive: true, force: true });
    return `"${program} -m venv" failed (Debian: apt-get install python3-venv): ${lastLine(made)}`;
  }
  const installed = run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS]);
  return installed.status === 0
    ? undefined
    : `pip could not install the packages, is there a network? ${lastLine(installed)}`;
}

/** Debian keeps the module venv in a package of its own, which root can install; says whether that was done. */
function installVenv(say: (line: string) => void): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false;
  say('python: installing python3-venv');
  run('apt-get', ['update', '-qq']);
  return run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'python3-venv']).status === 0;
}

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
  });
  return { status, stdout: stdout ?? '', stderr: stderr ?? '' };
}

function lastLine({ stdout, stderr }: Outcome): string {
  return `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
}
