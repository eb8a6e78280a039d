import type { Clock } from '../core/clock.ts';
import type { CallDrills, DrilledCall, DrillOrder, DrillScope, StruckReport } from './drills.ts';
import type { TargetAddress } from './target-health.ts';

/** How many reports wait for a slow reader; the oldest go first. */
const MOST_WAITING = 1000;

/** What a drill has done so far. */
export interface DrillTotals {
  readonly calls: number;
  readonly answered: number;
  readonly unfinished: number;
  readonly leftOut: number;
  readonly durationMs: number;
}

/** One drill, from its beginning to its end. */
export interface DrillInForce {
  readonly id: string;
  /** When it ends at the latest, in milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** Aborted when it is over. */
  readonly over: AbortSignal;
  /** What it may do to a call; undefined where the call is not in its scope. */
  of(call: DrilledCall): CallDrills | undefined;
  /** Struck calls as they end. Ends with the drill. */
  reports(): AsyncGenerator<StruckReport, void>;
  totals(): DrillTotals;
  /** Ends the drill. */
  end(): void;
}

export function createDrill(id: string, { scope, fault, durationMs }: DrillOrder, clock: Clock): DrillInForce {
  const startedAt = clock.monotonic();
  const controller = new AbortController();
  const over = controller.signal;
  const mailbox = createMailbox(over);
  const share = createShare(scope.percent);
  let endedAt: number | undefined;
  let [calls, answered, finished] = [0, 0, 0];
  const end = (): void => {
    endedAt ??= clock.monotonic();
    timer.stop();
    controller.abort();
  };
  const timer = clock.schedule(durationMs, end);
  // A timer may be late, and the drill must not be: whoever wants to strike looks at the clock too.
  const isOver = (): boolean => {
    if (!over.aborted && clock.monotonic() - startedAt >= durationMs) end();
    return over.aborted;
  };
  const strike = { fault, over };
  return {
    id,
    expiresAtMs: clock.now() + durationMs,
    over,
    of(call) {
      if (isOver() || !isInScope(scope, call)) return undefined;
      let chosen: boolean | undefined;
      let struck = false;
      return {
        strike(target) {
          if (isOver() || !isStruck(scope, target)) return undefined;
          chosen ??= share.take();
          if (!chosen) return undefined;
          if (!struck) calls += 1;
          struck = true;
          return strike;
        },
        settled(attempts, failure) {
          if (!struck) return;
          finished += 1;
          if (failure === undefined) answered += 1;
          mailbox.put({ ...call, attempts, failure });
        },
      };
    },
    reports: mailbox.read,
    totals: () => ({
      calls,
      answered,
      unfinished: calls - finished,
      leftOut: mailbox.leftOut(),
      durationMs: (endedAt ?? clock.monotonic()) - startedAt,
    }),
    end,
  };
}

function isInScope({ keyId, route }: DrillScope, call: DrilledCall): boolean {
  return (keyId === undefined || keyId === call.keyId) && (route === undefined || route === call.route);
}

function isStruck({ targets }: DrillScope, { name = '', provider, model }: TargetAddress): boolean {
  return targets === undefined || targets.has(name) || targets.has(`${provider}/${model}`) || targets.has(provider);
}

/** Takes so many of a hundred without chance: of any run of calls as near to the share as whole calls can be. */
function createShare(percent: number) {
  let owed = 0;
  return {
    take() {
      owed += percent;
      if (owed < 100) return false;
      owed -= 100;
      return true;
    },
  };
}

function createMailbox(over: AbortSignal) {
  const waiting: StruckReport[] = [];
  let leftOut = 0;
  let wake = (): void => {};
  over.addEventListener('abort', () => wake(), { once: true });
  return {
    leftOut: () => leftOut,
    put(report: StruckReport): void {
      if (over.aborted) return;
      waiting.push(report);
      if (waiting.length > MOST_WAITING) {
        waiting.shift();
        leftOut += 1;
      }
      wake();
    },
    async *read(): AsyncGenerator<StruckReport, void> {
      for (;;) {
        const report = waiting.shift();
        if (report !== undefined) yield report;
        else if (over.aborted) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
