import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CodecTime } from '../codecs/times.ts';
import type { Options } from '../options.ts';
import { placed } from '../processes.ts';

const run = promisify(execFile);

/** The translation of streams by itself, without HTTP, in a process that has the measured core. */
export async function measureCodecs({ rounds, codecMillis }: Options): Promise<readonly CodecTime[]> {
  const script = join(import.meta.dirname, '../codecs/main.ts');
  const flags = ['--rounds', String(2 * rounds - 1), '--millis', String(codecMillis)];
  const [command, args] = placed('measured', process.execPath, [script, ...flags]);
  const { stdout } = await run(command, args);
  return JSON.parse(stdout);
}
