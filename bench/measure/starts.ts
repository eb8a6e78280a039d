import { directCall, restCall } from '../calls.ts';
import { startNodeFloor } from '../floors/node-floor.ts';
import { startGateway } from '../gateway.ts';
import type { LaneInit } from '../load/task.ts';
import type { RunningProcess } from '../processes.ts';
import type { Both } from '../results.ts';
import type { Stage } from '../stage.ts';

/** Seconds from the start of a process to its first answer to a call. */
export async function measureStarts({ load, upstreamPort }: Stage, rounds: number): Promise<readonly Both[]> {
  const firstAnswer = async (
    start: () => Promise<RunningProcess>,
    call: (port: number) => LaneInit,
  ): Promise<number> => {
    const began = performance.now();
    const started = await start();
    const { failure } = await load.run({ kind: 'closed', lane: call(started.port), connections: 1, seconds: 0 });
    const seconds = (performance.now() - began) / 1000;
    await started.stop();
    if (failure !== undefined) throw new Error(`The first call failed: ${failure}`);
    return seconds;
  };
  const starts: Both[] = [];
  for (let round = 0; round < rounds; round += 1) {
    starts.push({
      floor: await firstAnswer(
        () => startNodeFloor('unary', upstreamPort),
        (port) => directCall(port, 'unary'),
      ),
      gateway: await firstAnswer(
        () => startGateway({ upstreamPort }),
        (port) => restCall(port, 'unary'),
      ),
    });
  }
  return starts;
}
