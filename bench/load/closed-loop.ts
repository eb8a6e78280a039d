import { laneOpener } from './open-lanes.ts';
import type { Lane, LoadResult, LoadTask } from './task.ts';

/** So many failures say enough; a target that refuses everything would be called as fast as it can refuse. */
const MOST_FAILURES = 50;

export function runClosedLoop({
  lane,
  connections,
  seconds,
}: Extract<LoadTask, { kind: 'closed' }>): Promise<LoadResult> {
  const open = laneOpener(lane);
  const lanes: readonly Lane[] = Array.from({ length: connections }, open);
  const started = performance.now();
  let calls = 0;
  let failed = 0;
  let failure: string | undefined;
  let over = false;
  let busy = connections;
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      over = true;
    }, seconds * 1000);
    const leave = (): void => {
      busy -= 1;
      if (busy > 0) return;
      clearTimeout(timer);
      for (const one of lanes) one.close();
      resolve({ calls, failed, ...(failure && { failure }), seconds: (performance.now() - started) / 1000 });
    };
    const go = (one: Lane): void =>
      one.call((wrong) => {
        if (wrong === undefined) calls += 1;
        else {
          failed += 1;
          failure ??= wrong;
        }
        if (over || failed >= MOST_FAILURES) leave();
        else go(one);
      });
    for (const one of lanes) go(one);
  });
}
