import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { placed, track } from '../processes.ts';
import type { LoadResult, LoadTask } from './task.ts';

/** The parent's end of the load generator. */
export interface LoadGenerator {
  run(task: LoadTask): Promise<LoadResult>;
  stop(): void;
}

export function startLoadGenerator(): LoadGenerator {
  const [command, args] = placed('other', process.execPath, [join(import.meta.dirname, 'main.ts')]);
  // Advanced serialization carries bytes as they are.
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
  track(child);
  return {
    async run(task) {
      const ended = new AbortController();
      const onExit = (): void => ended.abort(new Error('The load generator has ended.'));
      child.once('exit', onExit);
      child.send(task);
      try {
        const [result]: LoadResult[] = await once(child, 'message', { signal: ended.signal });
        if (result === undefined) throw new Error('The load generator sent nothing.');
        return result;
      } finally {
        child.off('exit', onExit);
      }
    },
    stop() {
      child.kill('SIGKILL');
    },
  };
}
