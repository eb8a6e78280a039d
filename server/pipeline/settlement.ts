import { create } from '@bufbuild/protobuf';
import { type Decision, DecisionSchema, type Warning } from '../../gen/sluice/v1/decision_pb.ts';
import type { PooledCredential, ProviderSnapshot } from '../config/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import type { AttemptError } from '../errors/attempt-error.ts';
import type { SluiceError } from '../errors/sluice-error.ts';
import type { CallLedger, CallOutcome, OpenedCall } from '../limits/call-ledger.ts';
import type { CallPlan } from '../routing/plan-call.ts';
import type { Route, Target } from '../routing/route.ts';
import type { RoutingState } from '../routing/routing-state.ts';
import { priceAttempts, totalCost } from './attempt-costs.ts';
import { type AttemptEntry, beginAttempt } from './attempt-log.ts';
import { candidateMessage } from './candidate-message.ts';
import type { PriceBook } from './price-book.ts';
import { totalUsage } from './total-usage.ts';
import { watchedAttempt } from './watched-attempt.ts';

/**
 * The end of one call, reached exactly once. Whatever ends the call (answer, failure, caller gone, deadline, shutdown)
 * comes here; the first outcome is recorded, later ones get the same Decision.
 */
export interface Settlement {
  /** Begins and keeps an attempt. Resolves once the ledger knows that it may cost money. */
  beginAttempt(target: Target, credential?: PooledCredential): Promise<AttemptEntry>;
  /** Keeps an attempt that did not come to be: nothing was sent. */
  noteUntried(target: Target, error: AttemptError): void;
  /** Notes what the caller should know besides, whatever target answers. */
  addWarnings(more: readonly Warning[]): void;
  /** What the translation for the latest target could not carry. */
  setWarnings(warnings: readonly Warning[]): void;
  /** Whether the end has been reached. */
  readonly settled: boolean;
  /** What is known so far. */
  decision(): Decision;
  succeed(): Promise<Decision>;
  /** Records the failure and puts the Decision on it. Never rejects. */
  fail(error: SluiceError): Promise<SluiceError>;
}

export interface SettlementDeps {
  readonly ledger: CallLedger;
  readonly clock: Clock;
  readonly routing: Pick<RoutingState, 'health' | 'drills' | 'credentials'>;
}

/** What the Decision says of where the call goes. */
export interface SettledPlan {
  readonly revision: string;
  readonly providers: ReadonlyMap<string, ProviderSnapshot>;
  readonly route: Route;
  readonly plan: CallPlan;
  /** The prices in force when the call came. */
  readonly priceOf: PriceBook;
  /** Whether the caller asked for the candidates. They are shown too where none could be tried. */
  readonly showCandidates: boolean;
}

/** Opens the call in the ledger. */
export async function openSettlement(
  deps: SettlementDeps,
  call: OpenedCall,
  planned: SettledPlan,
): Promise<Settlement> {
  await deps.ledger.open(call);
  const { health, credentials } = deps.routing;
  const drills = deps.routing.drills.of({ requestId: call.requestId, keyId: call.keyId, route: planned.route.name });
  const attempts: AttemptEntry[] = [];
  let warnings: readonly Warning[] = [];
  const added: Warning[] = [];
  let settled: Promise<Decision> | undefined;

  const decision = (): Decision => {
    const made = attempts.map((entry) => entry.toMessage());
    priceAttempts(made, call.operation, planned.priceOf);
    const usage = totalUsage(made);
    const cost = totalCost(made);
    return create(DecisionSchema, {
      requestId: call.requestId,
      configRevision: planned.revision,
      route: planned.route.name,
      ...routingFacts(planned),
      attempts: made,
      warnings: [...warnings, ...added],
      ...(usage && { usage }),
      ...(cost && { cost }),
    });
  };
  const settle = (outcome: CallOutcome): Promise<Decision> => {
    if (settled === undefined) {
      // An attempt still under way when the call ends was canceled by that end.
      for (const entry of attempts) entry.cancel();
      settled = record(deps, { ...call, settledAtMs: deps.clock.now(), outcome, decision: decision() });
      drills?.settled(
        attempts.map((entry) => entry.toMessage()),
        outcome.kind === 'failure' ? outcome.reason : undefined,
      );
    }
    return settled;
  };
  return {
    async beginAttempt(target, credential) {
      const strike = drills?.strike(target);
      const logged = beginAttempt({ number: attempts.length + 1, target, strike, credential }, deps.clock);
      // What a drill does to a target is not how the target fares, unless the drill is to count as if it were.
      const isOwn = strike === undefined || strike.fault.affectsHealth;
      const stream = call.operation === 'stream_chat';
      const { outliers } = planned.route;
      const watch = isOwn ? health.begin(target, { stream, outliers }) : undefined;
      const pool = planned.providers.get(target.provider)?.pool;
      const entry = watch === undefined ? logged : watchedAttempt(logged, { watch, pool, credentials });
      attempts.push(entry);
      await deps.ledger.dispatch(call.requestId, entry.number);
      return entry;
    },
    noteUntried(target, error) {
      const entry = beginAttempt({ number: attempts.length + 1, target, strike: undefined }, deps.clock);
      entry.fail(error);
      attempts.push(entry);
    },
    setWarnings: (latest) => {
      warnings = latest;
    },
    addWarnings: (more) => void added.push(...more),
    get settled() {
      return settled !== undefined;
    },
    decision,
    succeed: () => settle({ kind: 'success' }),
    async fail(error) {
      // A record that cannot be written must not hide from the caller what went wrong.
      error.decision = await settle({ kind: 'failure', reason: error.reason }).catch(() => decision());
      return error;
    },
  };
}

function routingFacts({ plan, showCandidates }: SettledPlan) {
  const shown = showCandidates || plan.targets.length === 0;
  return {
    rule: plan.rule,
    ...(shown && { candidates: plan.candidates.map(candidateMessage) }),
    ...(plan.seed !== undefined && { seed: plan.seed }),
  };
}

async function record(deps: SettlementDeps, call: Parameters<CallLedger['settle']>[0]): Promise<Decision> {
  await deps.ledger.settle(call);
  return call.decision;
}
