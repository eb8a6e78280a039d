import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Bar, holds } from './support/finding.ts';

// B26: the conformance suite of the Connect project against the listener and the adapter: every case that applies.
// Seeded bug: HTTP/2 without TLS is not served.

const SUITE = join(import.meta.dirname, '../test/conformance/run.ts');

/** In CI the suite runs as a job of its own; here a part of it says that it still can. */
const SHORT_ARGUMENTS = ['--run', '**/Basic/HTTPVersion:2/**'];

export const conformance: Bar = async ({ short }) => {
  if (!existsSync(SUITE)) return { skipped: 'there is no test/conformance/run.ts' };
  const child = spawn(process.execPath, [SUITE, ...(short ? SHORT_ARGUMENTS : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  if (code === 0 && output.startsWith('Skipped:')) return { skipped: last };
  return [holds(last, code === 0)];
};
