import type { PooledCredential } from '../config/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { AttemptError, FAILURE_TABLE } from '../errors/attempt-error.ts';
import { leadsOn } from '../routing/fallback.ts';
import { retryDelay } from '../routing/retry-delay.ts';
import type { RetryPermit } from '../routing/retry-gate.ts';
import type { RoutingState } from '../routing/routing-state.ts';
import type { AttemptKind } from './attempt-kind.ts';
import type { AttemptRun } from './run-attempts.ts';
import { awaitTurn, freeTurn, type Turn } from './take-turn.ts';

export interface TryTargetDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly routing: RoutingState;
}

/** A call at one target. */
export interface Trial<P> {
  readonly turn: Turn;
  readonly prepared: P;
  /** The provider's credentials, where it has several. */
  readonly pool: readonly PooledCredential[];
  /** Attempts that are left to the call, at least one. */
  readonly most: number;
  /** Whether there is another target to go to. */
  readonly hasNext: boolean;
}

export type TargetResult<T> =
  | { readonly kind: 'answer'; readonly answer: T }
  | { readonly kind: 'failed'; readonly error: AttemptError; readonly attempts: number };

/** What is sent, and what has been tried at the target before it. */
interface Try<P> {
  readonly prepared: P;
  readonly credential: PooledCredential | undefined;
  /** Credentials that have been used up, this one included. */
  readonly used: ReadonlySet<PooledCredential>;
  /** This one included; a repair or another credential is no retry. */
  readonly attempts: number;
  readonly retries: number;
  /** A repair has been asked for. */
  readonly isRepaired: boolean;
}

/** Tries one target until it answers or nothing is left to try there: retries, other credentials, one repair. */
export async function tryTarget<P, T>(
  deps: TryTargetDeps,
  run: AttemptRun,
  kind: AttemptKind<P, T>,
  trial: Trial<P>,
): Promise<TargetResult<T>> {
  const permit = deps.routing.retryGate.permit(run.gate, run.route.retry.budget);
  const next = { deps, run, kind, trial, permit };
  try {
    let current = firstTry(deps, trial);
    let { turn } = trial;
    for (;;) {
      const result = await tryOnce(run, kind, { ...current, turn });
      if (!(result instanceof AttemptError)) return result;
      const failed = { kind: 'failed', error: result, attempts: current.attempts } as const;
      const following = await nextTry(next, current, result);
      if (following === undefined) return failed;
      const again = freeTurn(deps, run, [turn.target]) ?? (await awaitTurn(deps, run, [turn.target]));
      if (again.kind === 'turned-away') return failed;
      turn = again;
      current = following;
    }
  } finally {
    permit.free();
  }
}

function firstTry<P>({ routing }: TryTargetDeps, { prepared, pool }: Trial<P>): Try<P> {
  const base = { prepared, attempts: 1, retries: 0, isRepaired: false };
  if (pool.length === 0) return { ...base, credential: undefined, used: NONE };
  const credential = routing.credentials.choose(pool, NONE);
  return { ...base, credential, used: new Set(credential === undefined ? [] : [credential]) };
}

const NONE: ReadonlySet<PooledCredential> = new Set();

/** Throws the call's own reason where the call has ended. */
async function tryOnce<P, T>(
  { call, settlement }: AttemptRun,
  kind: AttemptKind<P, T>,
  { turn, prepared, credential }: Pick<Try<P>, 'prepared' | 'credential'> & { readonly turn: Turn },
): Promise<Extract<TargetResult<T>, { kind: 'answer' }> | AttemptError> {
  call.signal.throwIfAborted();
  const begun = settlement.beginAttempt(turn.target, credential);
  turn.begun();
  const entry = await begun;
  try {
    return { kind: 'answer', answer: await kind.attempt(prepared, entry) };
  } catch (thrown) {
    const error = classify(thrown, call.signal);
    entry.fail(error);
    if (call.signal.aborted) throw call.signal.reason;
    return error;
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

/** What the next try at the same target hangs on. */
interface NextTry<P, T> {
  readonly deps: TryTargetDeps;
  readonly run: AttemptRun;
  readonly kind: AttemptKind<P, T>;
  readonly trial: Trial<P>;
  readonly permit: RetryPermit;
}

/** The next try at the same target, once it is time for it; undefined where there shall be none. */
async function nextTry<P, T>(next: NextTry<P, T>, failed: Try<P>, error: AttemptError): Promise<Try<P> | undefined> {
  const { deps, run, trial } = next;
  if (failed.attempts >= trial.most) return undefined;
  const change = otherCredential(next, failed, error) ?? repaired(next, failed, error);
  if (change === undefined) {
    const delayMs = delayOfRetry(next, failed, error);
    if (delayMs === undefined) return undefined;
    await pause(deps.clock, delayMs, run.call.signal);
  }
  const retries = failed.retries + (change === undefined ? 1 : 0);
  return { ...failed, ...change, retries, attempts: failed.attempts + 1 };
}

/** A refused or limited credential is no reason to leave the target while there is another one. */
function otherCredential<P, T>({ deps, trial }: NextTry<P, T>, { used }: Try<P>, { failure }: AttemptError) {
  if (trial.pool.length === 0 || (failure !== 'CREDENTIAL_REJECTED' && failure !== 'RATE_LIMITED')) return undefined;
  const credential = deps.routing.credentials.choose(trial.pool, used);
  return credential === undefined ? undefined : { credential, used: new Set([...used, credential]) };
}

/** An answer that does not meet its schema is shown to the model once. */
function repaired<P, T>({ kind, trial }: NextTry<P, T>, { isRepaired, prepared }: Try<P>, error: AttemptError) {
  if (error.failure !== 'SCHEMA_INVALID' || isRepaired) return undefined;
  const repair = kind.repair?.(prepared, error, { isLast: !trial.hasNext });
  return repair === undefined ? undefined : { prepared: repair, isRepaired: true };
}

/** How long to wait before the same request is sent again; undefined where it shall not be. Takes a place of the budget. */
function delayOfRetry<P, T>(
  { deps, run, trial, permit }: NextTry<P, T>,
  { retries }: Try<P>,
  error: AttemptError,
): number | undefined {
  const { route, call, maxRetries, plan, stream } = run;
  const { retry } = route;
  const allowed = Math.min(retry.maxAttemptsPerTarget - 1, maxRetries ?? Number.POSITIVE_INFINITY);
  if (retries >= allowed || !FAILURE_TABLE[error.failure].retrySame) return undefined;
  // A wait is for when there is nothing else to do.
  const mustWait = retry.honorRetryAfter && error.retryAfterMs !== undefined;
  if (mustWait && trial.hasNext && leadsOn(plan.fallback, error.failure)) return undefined;
  const delayMs = retryDelay(retry, { attempts: retries + 1, retryAfterMs: error.retryAfterMs }, deps.random);
  if (delayMs === undefined) return undefined;
  const usualMs = deps.routing.health.usualAnswerMs(trial.turn.target, { stream }) ?? 0;
  const leftMs = call.remainingMs() - delayMs;
  return leftMs > 0 && leftMs >= usualMs && permit.take() ? delayMs : undefined;
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
