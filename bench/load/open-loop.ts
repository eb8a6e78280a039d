import { laneOpener } from './open-lanes.ts';
import type { Lane, LoadResult, LoadTask } from './task.ts';

/** Calls under way beyond this are not made but counted as failed: the target has long been lost. */
const MOST_LANES = 512;
/** How long the last calls may take. */
const PATIENCE_MS = 5000;

interface Tally {
  readonly latencies: number[];
  failed: number;
  failure?: string;
}

/** No call waits for an earlier one, so a stall of the target shows in all the calls that fall into it. */
export async function runOpenLoop(task: Extract<LoadTask, { kind: 'open' }>): Promise<LoadResult> {
  const open = laneOpener(task.lane);
  const lanes: Lane[] = [];
  const idle: Lane[] = [];
  const tally: Tally = { latencies: [], failed: 0 };
  const started = performance.now();
  const openMore = (): Lane | undefined => {
    if (lanes.length === MOST_LANES) return undefined;
    const lane = open();
    lanes.push(lane);
    return lane;
  };
  const go = (): void => {
    const lane = idle.pop() ?? openMore();
    if (lane === undefined) {
      tally.failed += 1;
      tally.failure ??= 'too many calls were under way';
      return;
    }
    const sent = performance.now();
    lane.call((failure) => {
      idle.push(lane);
      if (failure === undefined) tally.latencies.push(performance.now() - sent);
      else {
        tally.failed += 1;
        tally.failure ??= failure;
      }
    });
  };
  await startAtRate(task, go);
  await quiet(() => idle.length === lanes.length);
  const seconds = (performance.now() - started) / 1000;
  for (const lane of lanes) lane.close();
  return summary(tally, seconds);
}

/** Timers are a millisecond coarse: each one starts what has become due. */
function startAtRate({ rate, seconds }: Extract<LoadTask, { kind: 'open' }>, go: () => void): Promise<void> {
  const started = performance.now();
  let made = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(rate * seconds, Math.floor(((performance.now() - started) * rate) / 1000));
      for (; made < due; made += 1) go();
      if (made < rate * seconds) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
}

function quiet(isQuiet: () => boolean): Promise<void> {
  const limit = performance.now() + PATIENCE_MS;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!isQuiet() && performance.now() < limit) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });
}

function summary({ latencies, failed, failure }: Tally, seconds: number): LoadResult {
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { calls: latencies.length, failed, ...(failure && { failure }), seconds, p50: at(0.5), p99: at(0.99) };
}
