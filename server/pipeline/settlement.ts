import { create } from '@bufbuild/protobuf';
import { type Decision, DecisionSchema, type Warning } from '../../gen/sluice/v1/decision_pb.ts';
import type { Clock } from '../core/clock.ts';
import type { SluiceError } from '../errors/sluice-error.ts';
import type { CallLedger, CallOutcome, OpenedCall } from '../limits/call-ledger.ts';
import type { CallPlan } from '../routing/plan-call.ts';
import type { Route, Target } from '../routing/route.ts';
import type { TargetHealth } from '../routing/target-health.ts';
import { type AttemptEntry, beginAttempt } from './attempt-log.ts';
import { candidateMessage } from './candidate-message.ts';
import { totalUsage } from './total-usage.ts';
import { watchedAttempt } from './watched-attempt.ts';

/**
 * The end of one call, reached exactly once. Whatever ends the call (answer, failure, caller gone, deadline, shutdown)
 * comes here; the first outcome is recorded, later ones get the same Decision.
 */
export interface Settlement {
  /** Begins and keeps an attempt. Resolves once the ledger knows that it may cost money. */
  beginAttempt(target: Target): Promise<AttemptEntry>;
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
  readonly health: TargetHealth;
}

/** What the Decision says of where the call goes. */
export interface SettledPlan {
  readonly revision: string;
  readonly route: Route;
  readonly plan: CallPlan;
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
  const attempts: AttemptEntry[] = [];
  let warnings: readonly Warning[] = [];
  let settled: Promise<Decision> | undefined;

  const decision = (): Decision => {
    const made = attempts.map((entry) => entry.toMessage());
    const usage = totalUsage(made);
    return create(DecisionSchema, {
      requestId: call.requestId,
      configRevision: planned.revision,
      route: planned.route.name,
      ...routingFacts(planned),
      attempts: made,
      warnings: [...warnings],
      ...(usage === undefined ? {} : { usage }),
    });
  };
  const settle = (outcome: CallOutcome): Promise<Decision> => {
    if (settled === undefined) {
      // An attempt still under way when the call ends was canceled by that end.
      for (const entry of attempts) entry.cancel();
      settled = record(deps, { ...call, settledAtMs: deps.clock.now(), outcome, decision: decision() });
    }
    return settled;
  };
  return {
    async beginAttempt(target) {
      const watch = deps.health.begin(target, { stream: call.operation === 'stream_chat' });
      const entry = watchedAttempt(beginAttempt(attempts.length + 1, target, deps.clock), watch);
      attempts.push(entry);
      await deps.ledger.dispatch(call.requestId, entry.number);
      return entry;
    },
    setWarnings: (latest) => {
      warnings = latest;
    },
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
