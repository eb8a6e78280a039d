import { IN_TIME_MS, PACED_EVENTS, PACED_INTERVAL_MS } from '../sizes.ts';
import { HttpLane } from './http-lane.ts';
import type { LoadResult, LoadTask } from './task.ts';

const OPENED_PER_TICK = 10;
const TICK_MS = 20;
/** What does not come within this time after the last stream should have ended does not come. */
const PATIENCE_MS = 3000;
/** The time that the provider wrote into each event; see upstream.ts. */
const SENT_AT = /@(\d+)@/g;

/** Opens the streams over some seconds, reads each to its end and counts the events that came in time. */
export function runPacedStreams({ lane, streams }: Extract<LoadTask, { kind: 'paced' }>): Promise<LoadResult> {
  if (lane.kind !== 'http1') throw new Error('Paced streams are read over HTTP/1.1 only.');
  const started = performance.now();
  const lanes: HttpLane[] = [];
  let inTime = 0;
  let calls = 0;
  let failed = 0;
  let failure: string | undefined;
  const onData = (bytes: Buffer): void => {
    const now = Number(process.hrtime.bigint() / 1000n);
    for (const [, sent] of bytes.toString('latin1').matchAll(SENT_AT)) {
      if (now - Number(sent) <= IN_TIME_MS * 1000) inTime += 1;
    }
  };
  return new Promise((resolve) => {
    const finish = (): void => {
      clearInterval(opener);
      clearTimeout(limit);
      for (const one of lanes) one.close();
      const seconds = (performance.now() - started) / 1000;
      resolve({ calls, failed: failed + (streams - calls - failed), ...(failure && { failure }), seconds, inTime });
    };
    const end = (wrong?: string): void => {
      if (wrong === undefined) calls += 1;
      else {
        failed += 1;
        failure ??= wrong;
      }
      if (calls + failed === streams) finish();
    };
    const opener = setInterval(() => {
      for (let opened = 0; opened < OPENED_PER_TICK && lanes.length < streams; opened += 1) {
        const one = new HttpLane({ ...lane, onData });
        lanes.push(one);
        one.call(end);
      }
      if (lanes.length === streams) clearInterval(opener);
    }, TICK_MS);
    const openingMs = (streams / OPENED_PER_TICK) * TICK_MS;
    const limit = setTimeout(finish, openingMs + PACED_EVENTS * PACED_INTERVAL_MS + PATIENCE_MS);
  });
}
