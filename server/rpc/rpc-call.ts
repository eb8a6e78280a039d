import { durationMs } from '@bufbuild/protobuf/wkt';
import { createContextKey, type HandlerContext } from '@connectrpc/connect';
import type { GatewayControls } from '../../gen/sluice/v1/gateway_pb.ts';
import { type HeaderReader, presentedKey } from '../auth/presented-key.ts';
import { SluiceError, toSluiceError } from '../errors/sluice-error.ts';
import type { CallControls, Caller } from '../pipeline/admit.ts';
import type { LiveCall, LiveCalls } from '../pipeline/live-call.ts';
import { describeError } from '../telemetry/describe-error.ts';
import type { Logger } from '../telemetry/logger.ts';
import { toConnectError } from './connect-error.ts';
import { requestIdKey } from './request-id.ts';

export interface RpcDeps {
  readonly liveCalls: LiveCalls;
  readonly logger: Logger;
}

/** The digest of the caller's key, where it has been made already. */
export const callerKey = createContextKey<Buffer | undefined>(undefined, { description: 'caller key' });

/** A call whose method is known and nothing else yet. */
export type AskedRpc = Pick<HandlerContext, 'method' | 'requestHeader' | 'values'>;

/** Who calls, by the request's headers. */
export function rpcCaller(context: Omit<AskedRpc, 'method'>): Caller {
  const known = context.values.get(callerKey);
  if (known !== undefined) return { keySha256: known };
  const headers: HeaderReader = (name) => context.requestHeader.get(name) ?? undefined;
  return { keySha256: presentedKey(headers) };
}

/** Opens the call that all work for an RPC obeys: its deadline, its cancel and its disconnect end it. */
export function openRpcCall(deps: RpcDeps, context: HandlerContext): LiveCall {
  const requestId = context.values.get(requestIdKey);
  const call = deps.liveCalls.open(requestId);
  const deadlineMs = context.timeoutMs();
  if (deadlineMs !== undefined) call.limit(deadlineMs);
  const onAbort = (): void => call.end(abortReason(context));
  if (context.signal.aborted) onAbort();
  else context.signal.addEventListener('abort', onAbort, { once: true });
  return call;
}

/** The reason of the signal itself differs by race between deadline and disconnect; the clock does not. */
function abortReason(context: HandlerContext): SluiceError {
  const remaining = context.timeoutMs();
  return remaining !== undefined && remaining <= 0
    ? new SluiceError('DEADLINE_EXCEEDED', "The call's deadline passed.")
    : new SluiceError('CANCELED', 'The caller went away.');
}

/** The error to throw from a handler. Faults of our own are logged with their cause. */
export function rpcError(deps: RpcDeps, context: HandlerContext, thrown: unknown): Error {
  const requestId = context.values.get(requestIdKey);
  const error = toSluiceError(thrown);
  if (error.reason === 'INTERNAL' || error.reason === 'STORE_UNAVAILABLE') {
    deps.logger.error('call failed', { request_id: requestId, cause: describeError(error.cause) });
  }
  return toConnectError(error, requestId);
}

/** Answers an RPC that is no inference call: what it throws goes out as rpcError says. */
export async function answerRpc<T>(
  deps: RpcDeps,
  context: HandlerContext,
  run: (caller: Caller) => T | Promise<T>,
): Promise<T> {
  try {
    return await run(rpcCaller(context));
  } catch (thrown) {
    throw rpcError(deps, context, thrown);
  }
}

export function callControls(gateway: GatewayControls | undefined): CallControls {
  return {
    maxRetries: gateway?.maxRetries,
    timeoutMs: gateway?.timeout === undefined ? undefined : durationMs(gateway.timeout),
    strict: gateway?.strict ?? false,
    routing: gateway?.routing,
    includeCandidates: gateway?.includeCandidates ?? false,
  };
}
