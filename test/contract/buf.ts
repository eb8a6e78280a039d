import { spawnSync } from 'node:child_process';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');
const BIN = path.join(ROOT, 'node_modules', '.bin');

/** Runs buf in the repository and gives back what it printed, or "" where it was content and silent. */
export function buf(...args: readonly string[]): string {
  const env = { ...process.env, PATH: `${BIN}${path.delimiter}${process.env.PATH ?? ''}` };
  const { error, status, stdout, stderr } = spawnSync(path.join(BIN, 'buf'), args, {
    cwd: ROOT,
    encoding: 'utf8',
    env,
  });
  if (error !== undefined) throw error;
  const printed = `${stdout}${stderr}`.trim();
  return status === 0 || printed !== '' ? printed : `buf ended with status ${status}`;
}
