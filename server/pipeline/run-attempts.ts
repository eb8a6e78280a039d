import type { ProviderSnapshot } from '../config/snapshot.ts';
import { type ReasonName, SluiceError } from '../errors/sluice-error.ts';
import { leadsOn } from '../routing/fallback.ts';
import type { CallPlan } from '../routing/plan-call.ts';
import type { Route } from '../routing/route.ts';
import type { AdmittedCall, CallInput } from './admit.ts';
import type { AttemptKind } from './attempt-kind.ts';
import { callFailure } from './call-failure.ts';
import type { LiveCall } from './live-call.ts';
import type { Settlement } from './settlement.ts';
import { awaitTurn, freeTurn, type Turn } from './take-turn.ts';
import { type TryTargetDeps, tryTarget } from './try-target.ts';

export type RunAttemptsDeps = TryTargetDeps;

/** What one call has tried and may try. */
export interface AttemptRun {
  readonly call: LiveCall;
  readonly settlement: Settlement;
  readonly route: Route;
  /** What the calls that share a budget of retries have in common. */
  readonly gate: string;
  /** Where the call goes. */
  readonly plan: Pick<CallPlan, 'targets' | 'fallback'>;
  readonly providers: ReadonlyMap<string, ProviderSnapshot>;
  /** The caller's own bound on retries of one target. */
  readonly maxRetries: number | undefined;
  readonly stream: boolean;
}

/** The run of an admitted call. */
export function attemptRun({ call, controls, operation }: CallInput, admitted: AdmittedCall): AttemptRun {
  const { route, plan, settlement, snapshot } = admitted;
  return {
    call,
    settlement,
    route,
    // A "provider/model" address has no name: what fails at one must not use up the budget of all others.
    gate: route.name === '' ? (route.targets[0]?.name ?? '') : route.name,
    plan,
    providers: snapshot.providers,
    maxRetries: controls.maxRetries,
    stream: operation === 'stream_chat',
  };
}

/**
 * The attempt engine, the same for answers in one piece and for streams. Until an answer is fit to go to the caller any
 * failure is retried or goes to the next target; what happens to a stream afterwards is not the engine's business.
 */
export async function runAttempts<P, T>(deps: RunAttemptsDeps, run: AttemptRun, kind: AttemptKind<P, T>): Promise<T> {
  const leave = deps.routing.retryGate.enter(run.gate);
  try {
    return await tryTargets(deps, run, kind);
  } finally {
    leave();
  }
}

async function tryTargets<P, T>(deps: RunAttemptsDeps, run: AttemptRun, kind: AttemptKind<P, T>): Promise<T> {
  let last: SluiceError | undefined;
  let most = run.plan.fallback?.maxAttempts ?? Number.POSITIVE_INFINITY;
  let left = run.plan.targets;
  for (let [first, ...rest] = left; first !== undefined; [first, ...rest] = left) {
    const turn = freeTurn(deps, run, [first, ...rest]) ?? (await awaitTurn(deps, run, [first, ...rest]));
    if (turn.kind === 'turned-away') {
      run.settlement.noteUntried(turn.target, turn.error);
      throw callFailure(turn.error, turn.target);
    }
    const { target } = turn;
    left = left.filter((other) => other !== target);
    const hasNext = left.length > 0 && most > 1;
    const prepared = prepareOrPass(kind, turn, !hasNext);
    if (prepared.kind === 'passed') {
      last ??= prepared.error;
      continue;
    }
    const pool = run.providers.get(target.provider)?.pool ?? [];
    const result = await tryTarget(deps, run, kind, { turn, prepared: prepared.value, pool, most, hasNext });
    if (result.kind === 'answer') return result.answer;
    last = callFailure(result.error, target);
    most -= result.attempts;
    if (most <= 0 || !leadsOn(run.plan.fallback, result.error.failure)) break;
  }
  throw last ?? new SluiceError('INTERNAL', 'The route has no target.');
}

/** What a target may refuse before anything is sent while another one can do it. */
const PASSED_OVER: ReadonlySet<ReasonName> = new Set([
  'UNSUPPORTED_OPERATION',
  'UNSUPPORTED_PARAMETER',
  'MODEL_NOT_FOUND',
]);

/** A target that cannot do this kind of call, or only with a loss, or whose model is gone, is passed over. */
function prepareOrPass<P, T>(
  kind: AttemptKind<P, T>,
  turn: Turn,
  isLast: boolean,
): { readonly kind: 'prepared'; readonly value: P } | { readonly kind: 'passed'; readonly error: SluiceError } {
  try {
    return { kind: 'prepared', value: kind.prepare(turn.target, { isLast }) };
  } catch (thrown) {
    turn.begun();
    if (!(thrown instanceof SluiceError) || !PASSED_OVER.has(thrown.reason)) throw thrown;
    return { kind: 'passed', error: thrown };
  }
}
