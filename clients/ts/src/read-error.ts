import { durationMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { type Call, remainingMs } from './call.ts';
import { connectionFault } from './connection-fault.ts';
import {
  BadRequestSchema,
  type ErrorInfo,
  ErrorInfoSchema,
  RetryInfoSchema,
} from './gen/google/rpc/error_details_pb.ts';
import { DecisionSchema } from './gen/sluice/v1/decision_pb.ts';
import { knownReason, SluiceError } from './sluice-error.ts';

/** Who defines the reasons, in ErrorInfo. */
const ERROR_DOMAIN = 'sluice.dev';

/** Any failure of a call as a SluiceError: in the gateway's words where it spoke, else by what is seen from here. */
export function readError(thrown: unknown, call: Call): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  if (!(thrown instanceof ConnectError)) return localError(thrown, call);
  const info = thrown.findDetails(ErrorInfoSchema).find((detail) => detail.domain === ERROR_DOMAIN);
  return info === undefined ? localError(thrown, call) : gatewayError(thrown, info);
}

function gatewayError(error: ConnectError, info: ErrorInfo): SluiceError {
  const retryDelay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  const decision = error.findDetails(DecisionSchema)[0];
  return new SluiceError(
    { reason: knownReason(info.reason), code: error.code, message: error.rawMessage },
    {
      rawReason: info.reason,
      retryAfterMs: retryDelay === undefined ? undefined : durationMs(retryDelay),
      metadata: info.metadata,
      violations: error.findDetails(BadRequestSchema).flatMap((detail) => detail.fieldViolations),
      requestId: error.metadata.get('x-request-id') ?? decision?.requestId ?? '',
      decision,
      cause: error,
    },
  );
}

/** The gateway gave no reason: the caller's signal, the deadline, the network or something between is why. */
function localError(thrown: unknown, call: Call): SluiceError {
  const error = ConnectError.from(thrown);
  if (error.code === Code.DeadlineExceeded) return deadlineError(error);
  if (call.signal?.aborted) return canceledError(call.signal.reason);
  if ((remainingMs(call) ?? 1) <= 0) return deadlineError(error);
  const isNetwork = thrown instanceof ConnectError && connectionFault(thrown) !== undefined;
  const facts = { cause: error, requestId: error.metadata.get('x-request-id') ?? '' };
  if (isNetwork) {
    const message = `No answer from the gateway: ${error.rawMessage || 'the connection failed'}`;
    return new SluiceError({ reason: 'CONNECTION', code: Code.Unavailable, message }, facts);
  }
  const reason = error.code === Code.Canceled ? 'CANCELED' : 'UNKNOWN';
  return new SluiceError({ reason, code: error.code, message: error.rawMessage }, facts);
}

function deadlineError(cause: unknown): SluiceError {
  const message = "The call's deadline passed.";
  return new SluiceError({ reason: 'DEADLINE_EXCEEDED', code: Code.DeadlineExceeded, message }, { cause });
}

/** The caller ended the call; the cause is the reason that the signal was given. */
export function canceledError(cause: unknown): SluiceError {
  return new SluiceError({ reason: 'CANCELED', code: Code.Canceled, message: 'The caller canceled.' }, { cause });
}
