import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { AttemptFailure } from '../errors/attempt-error.ts';
import { createLatencySamples, type LatencySamples } from './latency-samples.ts';
import { createOutlierWatch, type OutlierWatch } from './outlier-watch.ts';
import { createPeakAverage, type PeakAverage } from './peak-average.ts';
import {
  type AttemptWatch,
  NO_FIGURES,
  type TargetAddress,
  type TargetFigures,
  type TargetHealth,
  type WatchedKind,
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

/** Failures that say nothing of the target, not even that it answers. */
const SILENT_FAILURES: ReadonlySet<AttemptFailure> = new Set([
  'RATE_LIMITED',
  'CANCELED',
  'EGRESS_DENIED',
  'SATURATED',
]);

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
  readonly address: TargetAddress;
  attempts: number;
  failures: number;
  inFlight: number;
  throttledUntilMs: number;
  readonly firstContent: PeakAverage;
  readonly perToken: PeakAverage;
  /** Of streams. */
  readonly firstContents: LatencySamples;
  /** Of answers in one piece. */
  readonly wholeAnswers: LatencySamples;
  readonly outlier: OutlierWatch;
  tokensPerSecond: number | undefined;
}

export interface LocalHealthDeps {
  readonly clock: Clock;
  /** For jitter. */
  readonly random: Random;
  /** An attempt has ended, so that the target may have room for another. */
  readonly onEnd?: (target: TargetAddress) => void;
}

/** Health as this process sees it, in memory. */
export function createLocalHealth({ clock, random, onEnd = () => {} }: LocalHealthDeps): TargetHealth {
  const targets = new Map<string, Seen>();
  const seenOf = (target: TargetAddress): Seen => {
    const key = `${target.provider}\0${target.model}`;
    let seen = targets.get(key);
    if (seen === undefined) {
      if (targets.size >= MAX_TARGETS) forgetOne(targets);
      seen = {
        address: { provider: target.provider, model: target.model },
        attempts: 0,
        failures: 0,
        inFlight: 0,
        throttledUntilMs: 0,
        firstContent: createPeakAverage(),
        perToken: createPeakAverage(),
        firstContents: createLatencySamples(),
        wholeAnswers: createLatencySamples(),
        outlier: createOutlierWatch(random),
        tokensPerSecond: undefined,
      };
      targets.set(key, seen);
    }
    return seen;
  };
  return {
    figures(target) {
      const seen = targets.get(`${target.provider}\0${target.model}`);
      return seen === undefined ? NO_FIGURES : figuresOf(seen, clock);
    },
    firstContentP95Ms: (target) => targets.get(`${target.provider}\0${target.model}`)?.firstContents.within(0.95),
    usualAnswerMs(target, { stream }) {
      const seen = targets.get(`${target.provider}\0${target.model}`);
      return (stream ? seen?.firstContents : seen?.wholeAnswers)?.within(0.5);
    },
    seen() {
      return [...targets.values()].map((seen) => ({
        ...seen.address,
        figures: figuresOf(seen, clock),
        attempts: seen.attempts,
        failures: seen.failures,
        ejections: seen.outlier.ejections,
      }));
    },
    begin: (target, kind) => watch(seenOf(target), kind, { clock, onEnd }),
  };
}

function figuresOf(seen: Seen, clock: Clock): TargetFigures {
  const now = clock.monotonic();
  return {
    inFlight: seen.inFlight,
    firstContentMs: seen.firstContent.read(now),
    msPerToken: seen.perToken.read(now),
    tokensPerSecond: seen.tokensPerSecond,
    throttledUntilMs: seen.throttledUntilMs,
    ejectedUntilMs: seen.outlier.ejectedUntilMs,
    isRecoveringFull: seen.outlier.isFull(clock.now()),
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

function watch(
  seen: Seen,
  { stream, outliers }: WatchedKind,
  { clock, onEnd }: Required<Omit<LocalHealthDeps, 'random'>>,
): AttemptWatch {
  const startedAt = clock.monotonic();
  const outlier = seen.outlier.begin(clock.now(), outliers);
  let firstContentAt: number | undefined;
  let ended = false;
  seen.inFlight += 1;
  const end = (): boolean => {
    if (ended) return false;
    ended = true;
    seen.inFlight -= 1;
    seen.attempts += 1;
    outlier.end();
    onEnd(seen.address);
    return true;
  };
  return {
    contentSeen() {
      if (ended || firstContentAt !== undefined) return;
      firstContentAt = clock.monotonic();
      outlier.answered(clock.now());
      const elapsed = firstContentAt - startedAt;
      if (stream) seen.firstContent.observe(firstContentAt, elapsed);
      (stream ? seen.firstContents : seen.wholeAnswers).add(elapsed);
    },
    succeed(outputTokens) {
      if (ended) return;
      outlier.succeed(clock.now());
      end();
      const now = clock.monotonic();
      seen.throttledUntilMs = 0;
      if (outputTokens === undefined || outputTokens === 0) return;
      const elapsed = Math.max(now - startedAt, 1);
      seen.perToken.observe(now, elapsed / outputTokens);
      const rate = (outputTokens * 1000) / elapsed;
      seen.tokensPerSecond = seen.tokensPerSecond === undefined ? rate : seen.tokensPerSecond * 0.8 + rate * 0.2;
    },
    fail(failure, retryAfterMs) {
      if (ended) return;
      if (TARGET_FAILURES.has(failure)) outlier.fail(clock.now());
      else if (!SILENT_FAILURES.has(failure)) outlier.succeed(clock.now());
      end();
      if (failure === 'RATE_LIMITED' || (failure === 'OVERLOADED' && retryAfterMs !== undefined)) {
        seen.throttledUntilMs = clock.now() + Math.min(retryAfterMs ?? DEFAULT_THROTTLE_MS, MAX_THROTTLE_MS);
      }
      if (!TARGET_FAILURES.has(failure)) return;
      seen.failures += 1;
      const now = clock.monotonic();
      seen.firstContent.observe(now, Math.max(now - startedAt, FAILURE_MS, 2 * (seen.firstContent.read(now) ?? 0)));
      seen.perToken.observe(now, Math.max(FAILURE_MS_PER_TOKEN, 2 * (seen.perToken.read(now) ?? 0)));
    },
    cancel: () => void end(),
  };
}
