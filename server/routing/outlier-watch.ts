import type { Random } from '../core/random.ts';
import { createFailureWindow, type FailureWindow } from './failure-window.ts';
import type { OutlierPolicy } from './route.ts';

/** How long the number of calls at once grows after a target has come back. It doubles each second. */
const RAMP_MS = 10_000;
/** Of an ejection, so much more at most, so that targets that failed together do not come back together. */
const JITTER = 0.1;

/** Watches one target for failing too often. All moments are in milliseconds. */
export interface OutlierWatch {
  /** Until when the target is left alone, in the past once that is over; 0 where it has never been. */
  readonly ejectedUntilMs: number;
  /** How often it has been ejected. */
  readonly ejections: number;
  /** It has come back lately and has as many calls as it may. */
  isFull(nowMs: number): boolean;
  /** An attempt begins. Without a policy its failures do not count. */
  begin(nowMs: number, policy: OutlierPolicy | undefined): OutlierAttempt;
}

/** One attempt at a watched target. Those that were under way when it was ejected say nothing any more. */
export interface OutlierAttempt {
  /** It answers. */
  answered(nowMs: number): void;
  succeed(nowMs: number): void;
  fail(nowMs: number): void;
  /** To be called once, at the end, whatever it was. */
  end(): void;
}

/**
 * Outlier detection after Envoy's: so many failures in a row, or too large a share of them, and the target is left alone;
 * each time longer. Then it is half open: one attempt at a time, and a failure ejects it at once. The first answer opens it.
 */
export function createOutlierWatch(random: Random): OutlierWatch {
  return new LocalOutlierWatch(random);
}

class LocalOutlierWatch implements OutlierWatch {
  readonly #random: Random;
  /** Attempts of an earlier count say nothing. */
  #ejections = 0;
  #untilMs = 0;
  /** It is ejected or half open. */
  #isOut = false;
  #recoveredAtMs = Number.NEGATIVE_INFINITY;
  /** How many times as long as the first time it is left alone. */
  #times = 0;
  #inARow = 0;
  #window: { readonly ms: number; readonly counts: FailureWindow } | undefined;
  /** Attempts under way that began since it came back. */
  #open = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get ejectedUntilMs(): number {
    return this.#untilMs;
  }

  get ejections(): number {
    return this.#ejections;
  }

  isFull(nowMs: number): boolean {
    if (this.#isOut) return nowMs >= this.#untilMs && this.#open >= 1;
    const sinceMs = nowMs - this.#recoveredAtMs;
    return sinceMs < RAMP_MS && this.#open >= 2 ** (1 + sinceMs / 1000);
  }

  begin(nowMs: number, policy: OutlierPolicy | undefined): OutlierAttempt {
    const era = this.#ejections;
    const isCounted = this.#isOut ? nowMs >= this.#untilMs : nowMs - this.#recoveredAtMs < RAMP_MS;
    if (isCounted) this.#open += 1;
    const isCurrent = (): boolean => era === this.#ejections;
    return {
      answered: (at) => {
        if (isCurrent()) this.#recover(at);
      },
      succeed: (at) => {
        if (isCurrent()) this.#succeed(at, policy);
      },
      fail: (at) => {
        if (policy !== undefined && isCurrent()) this.#fail(at, policy);
      },
      end: () => {
        if (isCounted && isCurrent()) this.#open -= 1;
      },
    };
  }

  #recover(nowMs: number): void {
    if (!this.#isOut) return;
    this.#isOut = false;
    this.#recoveredAtMs = nowMs;
    this.#untilMs = Math.min(this.#untilMs, nowMs);
  }

  #succeed(nowMs: number, policy: OutlierPolicy | undefined): void {
    this.#recover(nowMs);
    this.#inARow = 0;
    if (policy !== undefined) this.#countsOf(policy.windowMs).add(nowMs, false);
  }

  #fail(nowMs: number, policy: OutlierPolicy): void {
    if (policy.maxEjectionPercent === 0) return;
    if (this.#isOut) {
      if (nowMs >= this.#untilMs) this.#eject(nowMs, policy);
      return;
    }
    this.#inARow += 1;
    const counts = this.#countsOf(policy.windowMs);
    counts.add(nowMs, true);
    if (isTooMuch(this.#inARow, counts.read(nowMs), policy)) this.#eject(nowMs, policy);
  }

  #eject(nowMs: number, { baseEjectionMs, maxEjectionMs }: OutlierPolicy): void {
    // Good times are forgiven for: one step for each base ejection of them.
    const forgiven = Math.floor(Math.max(nowMs - this.#recoveredAtMs, 0) / baseEjectionMs);
    this.#times = (this.#isOut ? this.#times : Math.max(this.#times - forgiven, 0)) + 1;
    this.#untilMs = nowMs + Math.min(baseEjectionMs * this.#times * (1 + JITTER * this.#random.next()), maxEjectionMs);
    this.#ejections += 1;
    this.#isOut = true;
    this.#inARow = 0;
    this.#window = undefined;
    this.#open = 0;
  }

  #countsOf(ms: number): FailureWindow {
    if (this.#window?.ms !== ms) this.#window = { ms, counts: createFailureWindow(ms) };
    return this.#window.counts;
  }
}

function isTooMuch(
  inARow: number,
  { total, failed }: ReturnType<FailureWindow['read']>,
  { consecutiveFailures, failureRatio, minRequests }: OutlierPolicy,
): boolean {
  if (consecutiveFailures > 0 && inARow >= consecutiveFailures) return true;
  return failureRatio > 0 && total >= minRequests && failed / total >= failureRatio;
}
