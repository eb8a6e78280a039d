import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { findChromium } from './setup/find-chromium.ts';
import { findGrpcurl } from './setup/find-grpcurl.ts';
import { findPython } from './setup/find-python.ts';
import type { Found } from './setup/found.ts';

// What "npm test" runs: looks for what tests need besides npm's packages, says what it found, and hands it to vitest by
// environment variables. A missing one skips the tests that need it; they print the reason. Arguments go to vitest.

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules', '.bin');

function announce(name: string, found: Found): Readonly<Record<string, string>> {
  const variable = `SLUICE_TEST_${name.toUpperCase()}`;
  if (found.path === undefined) {
    console.log(`${name}: none, so the tests that need it are skipped: ${found.missing}`);
    return { [`${variable}_MISSING`]: found.missing };
  }
  console.log(`${name}: ${found.path}`);
  return { [variable]: found.path };
}

function runVitest(args: readonly string[], found: Readonly<Record<string, string>>): void {
  const env = { ...process.env, ...found, PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}` };
  const vitest = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...args], {
    cwd: ROOT,
    env,
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => vitest.kill(signal));
  vitest.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}

const major = Number(process.versions.node.split('.')[0]);
if (major < 26) {
  console.error(`Tests need Node 26, which npm ci installs for npm scripts; this is ${process.version}. Run: npm test`);
  process.exitCode = 1;
} else {
  console.log(`node: ${process.execPath} ${process.version}`);
  const found = {
    ...announce('python', findPython(console.log)),
    ...announce('grpcurl', findGrpcurl()),
    ...announce('chromium', findChromium(console.log)),
  };
  runVitest(process.argv.slice(2), found);
}
