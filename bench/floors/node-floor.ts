import { join } from 'node:path';
import { type RunningProcess, startProcess } from '../processes.ts';

/** Which bare program a case is compared to. */
export type Floor = 'unary' | 'stream';

/** Starts one of the floors that run on Node. */
export function startNodeFloor(floor: Floor, upstreamPort: number): Promise<RunningProcess> {
  return startProcess({
    name: `The floor "${floor}"`,
    place: 'measured',
    command: process.execPath,
    args: [join(import.meta.dirname, `${floor}.ts`), `http://127.0.0.1:${upstreamPort}`],
  });
}
