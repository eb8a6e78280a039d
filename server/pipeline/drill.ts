import { create } from '@bufbuild/protobuf';
import { durationFromMs, durationMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { DrillFault, type DrillScope as ScopeMessage } from '../../gen/sluice/v1/drill_pb.ts';
import { ErrorReason } from '../../gen/sluice/v1/error_pb.ts';
import { type DrillRequest, type DrillResponse, DrillResponseSchema } from '../../gen/sluice/v1/routing_service_pb.ts';
import { authenticate } from '../auth/authenticate.ts';
import type { Snapshot, SnapshotHolder } from '../config/snapshot.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { DrillInForce, DrillTotals } from '../routing/drill.ts';
import type { DrillScope, StruckReport } from '../routing/drills.ts';
import type { Fault, FaultKind } from '../routing/fault.ts';
import type { RoutingState } from '../routing/routing-state.ts';
import type { LogFields } from '../telemetry/logger.ts';
import type { Caller } from './admit.ts';

export interface DrillDeps {
  readonly config: SnapshotHolder;
  readonly routing: Pick<RoutingState, 'drills'>;
  readonly logger: { info(event: string, fields?: LogFields): void };
}

export interface DrillInput {
  readonly caller: Caller;
  readonly request: DrillRequest;
  /** Ends the drill before its time. */
  readonly signal: AbortSignal;
}

/**
 * Strikes live calls with faults until the time is up, the signal aborts or the reader leaves, whichever comes first, and
 * tells of each call that was struck. Both ends are logged. Throws INVALID_REQUEST for a scope that can strike nothing.
 */
export async function* drill(deps: DrillDeps, input: DrillInput): AsyncGenerator<DrillResponse, void> {
  const { request, signal } = input;
  const snapshot = deps.config.current();
  const { keyId } = authenticate(snapshot.keys, input.caller.keySha256);
  const scope = readScope(request.scope);
  checkScope(scope, snapshot);
  const fault = readFault(request);
  signal.throwIfAborted();
  const durationMillis = request.duration === undefined ? 0 : durationMs(request.duration);
  const inForce = deps.routing.drills.begin({ scope, fault, durationMs: durationMillis });
  const onAbort = (): void => inForce.end();
  signal.addEventListener('abort', onAbort, { once: true });
  deps.logger.info('drill begun', { drill_id: inForce.id, by: keyId, ...described(scope, fault), ms: durationMillis });
  try {
    yield begun(inForce);
    for await (const report of inForce.reports()) yield struckCall(report);
    signal.throwIfAborted();
    yield ended(inForce.totals());
  } finally {
    inForce.end();
    signal.removeEventListener('abort', onAbort);
    deps.logger.info('drill ended', { drill_id: inForce.id, calls: inForce.totals().calls });
  }
}

function readScope(message: ScopeMessage | undefined): DrillScope {
  const { keyId = '', route = '', targets = [], percent = 100 } = message ?? {};
  return {
    ...(keyId !== '' && { keyId }),
    ...(route !== '' && { route }),
    ...(targets.length > 0 && { targets: new Set(targets) }),
    percent,
  };
}

/** A misspelt name would strike nothing and look like a fallback that works. */
function checkScope({ keyId, route, targets }: DrillScope, snapshot: Snapshot): void {
  if (keyId === undefined && route === undefined && targets === undefined) {
    throw wrongScope('scope', 'say which key_id, route or targets; a drill does not strike everything');
  }
  if (keyId !== undefined && snapshot.keys.named(keyId) === undefined) {
    throw wrongScope('scope.key_id', `there is no key ${keyId}`);
  }
  if (route !== undefined && !snapshot.routes.has(route)) {
    throw wrongScope('scope.route', `there is no route ${route}`);
  }
  const known = new Set([...snapshot.routes.values()].flatMap((each) => each.targets.map(({ name }) => name)));
  for (const target of targets ?? []) {
    const [first = ''] = target.split('/');
    if (known.has(target) || known.has(first) || snapshot.providers.has(first)) continue;
    throw wrongScope('scope.targets', `there is no target ${target}`);
  }
}

function wrongScope(field: string, message: string): SluiceError {
  return new SluiceError('INVALID_REQUEST', `${field}: ${message}`, { metadata: { field } });
}

const KINDS: ReadonlyMap<DrillFault, FaultKind> = new Map([
  [DrillFault.RATE_LIMITED, 'RATE_LIMITED'],
  [DrillFault.SERVER_ERROR, 'SERVER_ERROR'],
  [DrillFault.TIMEOUT, 'TIMEOUT'],
  [DrillFault.CUT, 'CUT'],
  [DrillFault.STALL, 'STALL'],
  [DrillFault.MALFORMED, 'MALFORMED'],
]);

function readFault({ fault, retryAfter, status, afterContent, affectHealth }: DrillRequest): Fault {
  const kind = KINDS.get(fault);
  if (kind === undefined) throw new SluiceError('INVALID_REQUEST', 'fault is required');
  return {
    kind,
    ...(retryAfter !== undefined && { retryAfterMs: durationMs(retryAfter) }),
    ...(status !== undefined && { status }),
    afterContent,
    affectsHealth: affectHealth,
  };
}

function described({ keyId, route, targets, percent }: DrillScope, { kind }: Fault): LogFields {
  return { fault: kind, key_id: keyId, route, targets: targets && [...targets].join(', '), percent };
}

function begun({ id, expiresAtMs }: DrillInForce): DrillResponse {
  const value = { drillId: id, expires: timestampFromMs(Math.round(expiresAtMs)) };
  return create(DrillResponseSchema, { event: { case: 'begun', value } });
}

function struckCall({ requestId, keyId, route, attempts, failure }: StruckReport): DrillResponse {
  const reason = failure === undefined ? ErrorReason.UNSPECIFIED : ErrorReason[failure];
  const value = { requestId, keyId, route, attempts: [...attempts], failure: reason };
  return create(DrillResponseSchema, { event: { case: 'call', value } });
}

function ended({ durationMs: ms, ...counts }: DrillTotals): DrillResponse {
  const value = { ...counts, duration: durationFromMs(Math.round(ms)) };
  return create(DrillResponseSchema, { event: { case: 'ended', value } });
}
