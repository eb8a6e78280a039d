import { create } from '@bufbuild/protobuf';
import { DecisionSchema } from '../../gen/sluice/v1/decision_pb.ts';
import type { RoutingPreferences } from '../../gen/sluice/v1/gateway_pb.ts';
import type { Metadata } from '../../gen/sluice/v1/metadata_pb.ts';
import { authenticate } from '../auth/authenticate.ts';
import { allowsModel, requireMetadata } from '../auth/key-limits.ts';
import type { Snapshot, SnapshotHolder } from '../config/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { CallLedger, Operation } from '../limits/call-ledger.ts';
import type { CallPlan } from '../routing/plan-call.ts';
import type { RequestView } from '../routing/request-view.ts';
import type { Route } from '../routing/route.ts';
import type { RoutingState } from '../routing/routing-state.ts';
import type { LiveCall } from './live-call.ts';
import { hasMetadata, mergeMetadata } from './merge-metadata.ts';
import { noTargetError } from './no-target-error.ts';
import { meantRoute, planRoute } from './plan-route.ts';
import { priceBook } from './price-book.ts';
import { openSettlement, type Settlement } from './settlement.ts';

/** Who knocks, as a door read it from the headers. */
export interface Caller {
  /** SHA-256 of the key presented; undefined where none was. */
  readonly keySha256: Buffer | undefined;
}

/** What the caller asks of the gateway itself, from sluice.v1.GatewayControls or x-sluice-* headers. */
export interface CallControls {
  readonly maxRetries: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly strict: boolean;
  /** What the caller prefers among the targets. */
  readonly routing?: RoutingPreferences | undefined;
  /** Whether the Decision shall hold the candidates. */
  readonly includeCandidates?: boolean;
}

/** What every inference call has. */
export interface CallInput {
  readonly call: LiveCall;
  readonly caller: Caller;
  readonly operation: Operation;
  /** The model name that the caller gave. */
  readonly model: string;
  readonly metadata: Metadata | undefined;
  readonly controls: CallControls;
}

/** A call that may go on. Its snapshot is pinned for its whole life. */
export interface AdmittedCall {
  readonly snapshot: Snapshot;
  readonly route: Route;
  /** Where it goes; at least one target. */
  readonly plan: CallPlan;
  readonly settlement: Settlement;
  /** When it was admitted, in milliseconds since 1970. */
  readonly admittedAtMs: number;
}

export interface AdmitDeps {
  readonly config: SnapshotHolder;
  readonly ledger: CallLedger;
  readonly clock: Clock;
  readonly random: Random;
  readonly routing: RoutingState;
}

/**
 * Steps 1 to 6 of a call: snapshot, identity, deadline, route, record. Refusals before the record leave none; that no target
 * may take the call is on record.
 */
export async function admit(deps: AdmitDeps, input: CallInput, request: RequestView): Promise<AdmittedCall> {
  const { call, controls } = input;
  const snapshot = deps.config.current();
  const principal = authenticate(snapshot.keys, input.caller.keySha256);
  const admittedAtMs = deps.clock.now();
  const metadata = mergeMetadata(input.metadata, principal.metadata);
  if (!allowsModel(principal.limits, input.model)) throw unknownModel(input, snapshot.revision);
  requireMetadata(principal.limits, (name) => hasMetadata(metadata, name));
  const asked = { request, identity: { metadata, keyId: principal.keyId, nowMs: admittedAtMs } };
  const route = meantRoute(snapshot, asked);
  if (route === undefined) throw unknownModel(input, snapshot.revision);
  call.limit(Math.min(route.timeouts.totalMs, controls.timeoutMs ?? Number.POSITIVE_INFINITY));
  const { health, rotation } = deps.routing;
  const plan = planRoute(
    snapshot,
    { ...asked, route, preferences: controls.routing },
    {
      health,
      seed: () => Math.floor(deps.random.next() * 2 ** 32),
      turn: rotation.take,
    },
  );
  const settlement = await openSettlement(
    deps,
    {
      requestId: call.requestId,
      operation: input.operation,
      keyId: principal.keyId,
      metadata,
      model: input.model,
      openedAtMs: admittedAtMs,
    },
    {
      revision: snapshot.revision,
      providers: snapshot.providers,
      route,
      plan,
      priceOf: priceBook(snapshot, admittedAtMs),
      showCandidates: controls.includeCandidates ?? false,
    },
  );
  if (plan.targets.length === 0) throw await settlement.fail(noTargetError(route, plan));
  return { snapshot, route, plan, settlement, admittedAtMs };
}

function unknownModel({ call, model }: CallInput, configRevision: string): SluiceError {
  const error = new SluiceError(
    'MODEL_NOT_FOUND',
    `The model '${model}' does not exist here: it is neither a route nor "provider/model". GET /v1/models lists what there is.`,
    { metadata: { model }, param: 'model' },
  );
  error.decision = create(DecisionSchema, { requestId: call.requestId, configRevision });
  return error;
}
