import { runClosedLoop } from './closed-loop.ts';
import { runOpenLoop } from './open-loop.ts';
import { runPacedStreams } from './paced-streams.ts';
import type { LoadResult, LoadTask } from './task.ts';

/** The load generator: a process of its own that takes tasks from its parent, one at a time. */

function run(task: LoadTask): Promise<LoadResult> {
  switch (task.kind) {
    case 'closed':
      return runClosedLoop(task);
    case 'open':
      return runOpenLoop(task);
    case 'paced':
      return runPacedStreams(task);
  }
}

process.on('message', async (task: LoadTask) => {
  process.send?.(await run(task));
});
process.on('disconnect', () => process.exit(0));
