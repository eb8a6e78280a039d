import type { Clock } from '../core/clock.ts';
import type { AttemptFailure } from '../errors/attempt-error.ts';
import { createPeakAverage, type PeakAverage } from './peak-average.ts';
import {
  type AttemptWatch,
  NO_FIGURES,
  type TargetAddress,
  type TargetFigures,
  type TargetHealth,
} from './target-health.ts';

/** Callers can make up models of a provider: so many targets are remembered. */
const MAX_TARGETS = 4096;
/** How long a target rests that limits the rate and does not say for how long. */
const DEFAULT_THROTTLE_MS = 1000;
/** A longer wish is taken for this much. */
const MAX_THROTTLE_MS = 3_600_000;
/** A failure counts as a latency of at least this much, and of twice what is usual: failing fast is not being fast. */
const FAILURE_MS = 1000;
const FAILURE_MS_PER_TOKEN = 100;
const SAMPLES = 64;
const MIN_SAMPLES = 8;

/** Failures that say something of how the target fares, and not of the request. */
const TARGET_FAILURES: ReadonlySet<AttemptFailure> = new Set([
  'OVERLOADED',
  'SERVER_ERROR',
  'TIMEOUT',
  'CONNECTION',
  'CREDENTIAL_REJECTED',
  'MALFORMED',
  'EMPTY_RESPONSE',
  'INTERRUPTED',
]);

interface Seen {
  inFlight: number;
  throttledUntilMs: number;
  readonly firstContent: PeakAverage;
  readonly perToken: PeakAverage;
  /** The latest first contents, the oldest first. */
  readonly samples: number[];
  tokensPerSecond: number | undefined;
}

/** Health as this process sees it, in memory. */
export function createLocalHealth(clock: Clock): TargetHealth {
  const targets = new Map<string, Seen>();
  const seenOf = (target: TargetAddress): Seen => {
    const key = `${target.provider}\0${target.model}`;
    let seen = targets.get(key);
    if (seen === undefined) {
      if (targets.size >= MAX_TARGETS) forgetOne(targets);
      seen = {
        inFlight: 0,
        throttledUntilMs: 0,
        firstContent: createPeakAverage(),
        perToken: createPeakAverage(),
        samples: [],
        tokensPerSecond: undefined,
      };
      targets.set(key, seen);
    }
    return seen;
  };
  return {
    figures(target) {
      const seen = targets.get(`${target.provider}\0${target.model}`);
      return seen === undefined ? NO_FIGURES : figuresOf(seen, clock.monotonic());
    },
    firstContentP95Ms(target) {
      const samples = targets.get(`${target.provider}\0${target.model}`)?.samples ?? [];
      if (samples.length < MIN_SAMPLES) return undefined;
      const sorted = samples.toSorted((left, right) => left - right);
      return sorted[Math.ceil(sorted.length * 0.95) - 1];
    },
    begin: (target, { stream }) => watch(seenOf(target), clock, stream),
  };
}

function figuresOf(seen: Seen, now: number): TargetFigures {
  return {
    inFlight: seen.inFlight,
    firstContentMs: seen.firstContent.read(now),
    msPerToken: seen.perToken.read(now),
    tokensPerSecond: seen.tokensPerSecond,
    throttledUntilMs: seen.throttledUntilMs,
    ejectedUntilMs: 0,
  };
}

/** The oldest that nobody is calling. */
function forgetOne(targets: Map<string, Seen>): void {
  for (const [key, seen] of targets) {
    if (seen.inFlight > 0) continue;
    targets.delete(key);
    return;
  }
}

function watch(seen: Seen, clock: Clock, stream: boolean): AttemptWatch {
  const startedAt = clock.monotonic();
  let firstContentAt: number | undefined;
  let ended = false;
  seen.inFlight += 1;
  const end = (): boolean => {
    if (ended) return false;
    ended = true;
    seen.inFlight -= 1;
    return true;
  };
  return {
    contentSeen() {
      if (ended || firstContentAt !== undefined) return;
      firstContentAt = clock.monotonic();
      if (stream) noteFirstContent(seen, firstContentAt, firstContentAt - startedAt);
    },
    succeed(outputTokens) {
      if (!end()) return;
      const now = clock.monotonic();
      seen.throttledUntilMs = 0;
      if (outputTokens === undefined || outputTokens === 0) return;
      const elapsed = Math.max(now - startedAt, 1);
      seen.perToken.observe(now, elapsed / outputTokens);
      const rate = (outputTokens * 1000) / elapsed;
      seen.tokensPerSecond = seen.tokensPerSecond === undefined ? rate : seen.tokensPerSecond * 0.8 + rate * 0.2;
    },
    fail(failure, retryAfterMs) {
      if (!end()) return;
      if (failure === 'RATE_LIMITED' || (failure === 'OVERLOADED' && retryAfterMs !== undefined)) {
        seen.throttledUntilMs = clock.now() + Math.min(retryAfterMs ?? DEFAULT_THROTTLE_MS, MAX_THROTTLE_MS);
      }
      if (!TARGET_FAILURES.has(failure)) return;
      const now = clock.monotonic();
      seen.firstContent.observe(now, Math.max(now - startedAt, FAILURE_MS, 2 * (seen.firstContent.read(now) ?? 0)));
      seen.perToken.observe(now, Math.max(FAILURE_MS_PER_TOKEN, 2 * (seen.perToken.read(now) ?? 0)));
    },
    cancel: () => void end(),
  };
}

function noteFirstContent(seen: Seen, now: number, elapsed: number): void {
  seen.firstContent.observe(now, elapsed);
  seen.samples.push(elapsed);
  if (seen.samples.length > SAMPLES) seen.samples.shift();
}
