import { directCall, restCall } from '../calls.ts';
import type { LaneInit } from '../load/task.ts';
import { rssMegabytes } from '../proc-stat.ts';
import type { PacedResult } from '../results.ts';
import { OPEN_STREAMS, PACED_EVENTS } from '../sizes.ts';
import type { Stage } from '../stage.ts';

const LOOK_EVERY_MS = 250;

interface Subject {
  readonly title: string;
  readonly pid: number;
  readonly lane: LaneInit;
}

/** A thousand streams at a time, each with 20 events a second: how many events come in time, and at what memory. */
export async function measurePaced(stage: Stage, say: (line: string) => void): Promise<readonly PacedResult[]> {
  const { floors, gateway, nginx } = stage;
  const subjects: readonly Subject[] = [
    ...(nginx === undefined ? [] : [{ title: 'nginx', pid: nginx.pid, lane: directCall(nginx.port, 'paced') }]),
    { title: 're-encoding floor', pid: floors.stream.pid, lane: directCall(floors.stream.port, 'paced') },
    { title: 'Sluice, REST', pid: gateway.pid, lane: restCall(gateway.port, 'paced') },
  ];
  const results: PacedResult[] = [];
  for (const subject of subjects) {
    say(`${OPEN_STREAMS} open streams: ${subject.title}`);
    results.push(await measureOne(stage, subject));
  }
  return results;
}

async function measureOne({ load }: Stage, { title, pid, lane }: Subject): Promise<PacedResult> {
  let megabytes = rssMegabytes(pid);
  const looker = setInterval(() => {
    megabytes = Math.max(megabytes, rssMegabytes(pid));
  }, LOOK_EVERY_MS);
  const { inTime = 0, failed, failure } = await load.run({ kind: 'paced', lane, streams: OPEN_STREAMS });
  clearInterval(looker);
  const inTimeShare = inTime / (OPEN_STREAMS * PACED_EVENTS);
  return { title, inTimeShare, failedStreams: failed, megabytes, ...(failure !== undefined && { failure }) };
}
