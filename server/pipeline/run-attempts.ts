import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { AttemptError, FAILURE_TABLE } from '../errors/attempt-error.ts';
import { type ReasonName, SluiceError } from '../errors/sluice-error.ts';
import { leadsOn } from '../routing/fallback.ts';
import type { CallPlan } from '../routing/plan-call.ts';
import { retryDelay } from '../routing/retry-delay.ts';
import type { RetryPermit } from '../routing/retry-gate.ts';
import type { Route, Target } from '../routing/route.ts';
import type { RoutingState } from '../routing/routing-state.ts';
import type { AttemptEntry } from './attempt-log.ts';
import { callFailure } from './call-failure.ts';
import type { LiveCall } from './live-call.ts';
import type { Settlement } from './settlement.ts';

export interface RunAttemptsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly routing: RoutingState;
}

/** What one call has tried and may try. */
export interface AttemptRun {
  readonly call: LiveCall;
  readonly settlement: Settlement;
  readonly route: Route;
  /** Where the call goes. */
  readonly plan: Pick<CallPlan, 'targets' | 'fallback'>;
  /** The caller's own bound on retries of one target. */
  readonly maxRetries: number | undefined;
}

/** What a use case does at one target: `prepare` once, before anything is sent, `attempt` once for each try. */
export interface AttemptKind<P, T> {
  /** Throws SluiceError to refuse the call. */
  prepare(target: Target): P;
  /** Resolves once the answer is fit to go to the caller: whole, or with its first content. Throws AttemptError. */
  attempt(prepared: P, entry: AttemptEntry): Promise<T>;
}

/**
 * The attempt engine, the same for answers in one piece and for streams. Until an answer is fit to go to the caller any
 * failure is retried or goes to the next target; what happens to a stream afterwards is not the engine's business.
 */
export async function runAttempts<P, T>(deps: RunAttemptsDeps, run: AttemptRun, kind: AttemptKind<P, T>): Promise<T> {
  const leave = deps.routing.retryGate.enter(run.route.name);
  try {
    return await tryTargets(deps, run, kind);
  } finally {
    leave();
  }
}

async function tryTargets<P, T>(deps: RunAttemptsDeps, run: AttemptRun, kind: AttemptKind<P, T>): Promise<T> {
  let last: SluiceError | undefined;
  let left = run.plan.fallback?.maxAttempts ?? Number.POSITIVE_INFINITY;
  for (const target of run.plan.targets) {
    let prepared: P;
    try {
      prepared = kind.prepare(target);
    } catch (thrown) {
      // A target that cannot do this kind of call, or whose model is gone, is passed over; another may.
      if (!(thrown instanceof SluiceError) || !PASSED_OVER.has(thrown.reason)) throw thrown;
      last ??= thrown;
      continue;
    }
    const result = await tryTarget(deps, run, {
      target,
      most: left,
      attempt: (entry) => kind.attempt(prepared, entry),
    });
    if (result.kind === 'answer') return result.answer;
    last = callFailure(result.error, target);
    left -= result.attempts;
    if (left <= 0 || !leadsOn(run.plan.fallback, result.error.failure)) break;
  }
  throw last ?? new SluiceError('INTERNAL', 'The route has no target.');
}

const PASSED_OVER: ReadonlySet<ReasonName> = new Set(['UNSUPPORTED_OPERATION', 'MODEL_NOT_FOUND']);

type TargetResult<T> =
  | { readonly kind: 'answer'; readonly answer: T }
  | { readonly kind: 'failed'; readonly error: AttemptError; readonly attempts: number };

interface Trial<T> {
  readonly target: Target;
  /** Attempts that are left to the call. */
  readonly most: number;
  readonly attempt: (entry: AttemptEntry) => Promise<T>;
}

async function tryTarget<T>(deps: RunAttemptsDeps, run: AttemptRun, trial: Trial<T>): Promise<TargetResult<T>> {
  const { name, retry } = run.route;
  const permit = deps.routing.retryGate.permit(name, retry.budget);
  try {
    return await tryAgain(deps, run, { ...trial, permit });
  } finally {
    permit.free();
  }
}

async function tryAgain<T>(
  deps: RunAttemptsDeps,
  run: AttemptRun,
  { target, most, attempt, permit }: Trial<T> & { readonly permit: RetryPermit },
): Promise<TargetResult<T>> {
  const { retry } = run.route;
  const allowed = Math.min(retry.maxAttemptsPerTarget, (run.maxRetries ?? Number.POSITIVE_INFINITY) + 1, most);
  for (let attempts = 1; ; attempts += 1) {
    run.call.signal.throwIfAborted();
    const entry = await run.settlement.beginAttempt(target);
    try {
      return { kind: 'answer', answer: await attempt(entry) };
    } catch (thrown) {
      const error = classify(thrown, run.call.signal);
      entry.fail(error);
      if (run.call.signal.aborted) throw run.call.signal.reason;
      const failed = { kind: 'failed', error, attempts } as const;
      if (attempts >= allowed || !FAILURE_TABLE[error.failure].retrySame) return failed;
      const delay = retryDelay(retry, { attempts, retryAfterMs: error.retryAfterMs }, deps.random);
      if (delay === undefined || delay >= run.call.remainingMs() || !permit.take()) return failed;
      await pause(deps.clock, delay, run.call.signal);
    }
  }
}

/**
 * What was thrown as an AttemptError. Aborts are told by the call's own signal, never by the name of what was thrown,
 * which differs by race. Anything unknown is a fault of ours and passes through.
 */
export function classify(thrown: unknown, callSignal: AbortSignal): AttemptError {
  if (callSignal.aborted) return new AttemptError('CANCELED', 'The call ended first.', { cause: thrown });
  if (thrown instanceof AttemptError) return thrown;
  throw thrown;
}

function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      timer.stop();
      reject(signal.reason);
    };
    const timer = clock.schedule(milliseconds, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
