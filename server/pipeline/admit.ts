import { create } from '@bufbuild/protobuf';
import { DecisionSchema } from '../../gen/sluice/v1/decision_pb.ts';
import type { Metadata } from '../../gen/sluice/v1/metadata_pb.ts';
import { authenticate } from '../auth/authenticate.ts';
import type { Snapshot, SnapshotHolder } from '../config/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { CallLedger, Operation } from '../limits/call-ledger.ts';
import { resolveRoute } from '../routing/resolve-route.ts';
import type { Route } from '../routing/route.ts';
import type { LiveCall } from './live-call.ts';
import { mergeMetadata } from './merge-metadata.ts';
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
  readonly settlement: Settlement;
}

export interface AdmitDeps {
  readonly config: SnapshotHolder;
  readonly ledger: CallLedger;
  readonly clock: Clock;
}

/** Steps 1 to 6 of a call: snapshot, identity, deadline, route, record. Refusals before the record leave none. */
export async function admit(deps: AdmitDeps, input: CallInput): Promise<AdmittedCall> {
  const snapshot = deps.config.current();
  const principal = authenticate(snapshot.keys, input.caller.keySha256);
  const route = resolveRoute(snapshot, input.model);
  if (route === undefined) throw unknownModel(input, snapshot.revision);
  input.call.limit(Math.min(route.timeouts.totalMs, input.controls.timeoutMs ?? Number.POSITIVE_INFINITY));
  const settlement = await openSettlement(
    deps,
    {
      requestId: input.call.requestId,
      operation: input.operation,
      keyId: principal.keyId,
      metadata: mergeMetadata(input.metadata, principal.metadata),
      model: input.model,
      openedAtMs: deps.clock.now(),
    },
    { revision: snapshot.revision, route },
  );
  return { snapshot, route, settlement };
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
