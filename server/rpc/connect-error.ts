import { create } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '../../gen/google/rpc/error_details_pb.ts';
import { DecisionSchema } from '../../gen/sluice/v1/decision_pb.ts';
import { type ConnectCodeName, REASON_TABLE } from '../errors/reason-table.ts';
import type { SluiceError } from '../errors/sluice-error.ts';

/** Who defines the reasons, in ErrorInfo. */
export const ERROR_DOMAIN = 'sluice.dev';

const CODES: Readonly<Record<ConnectCodeName, Code>> = {
  canceled: Code.Canceled,
  invalid_argument: Code.InvalidArgument,
  deadline_exceeded: Code.DeadlineExceeded,
  not_found: Code.NotFound,
  permission_denied: Code.PermissionDenied,
  resource_exhausted: Code.ResourceExhausted,
  failed_precondition: Code.FailedPrecondition,
  unimplemented: Code.Unimplemented,
  internal: Code.Internal,
  unavailable: Code.Unavailable,
  unauthenticated: Code.Unauthenticated,
};

/** The error as RPC callers get it: code, message, and ErrorInfo, RetryInfo, BadRequest and Decision as details. */
export function toConnectError(error: SluiceError, requestId: string): ConnectError {
  const connectError = new ConnectError(error.message, CODES[REASON_TABLE[error.reason].code]);
  connectError.details.push({
    desc: ErrorInfoSchema,
    value: create(ErrorInfoSchema, { reason: error.reason, domain: ERROR_DOMAIN, metadata: { ...error.metadata } }),
  });
  if (error.retryAfterMs !== undefined) {
    const retryDelay = durationFromMs(Math.ceil(error.retryAfterMs));
    connectError.details.push({ desc: RetryInfoSchema, value: create(RetryInfoSchema, { retryDelay }) });
  }
  if (error.violations.length > 0) {
    const fieldViolations = error.violations.map(({ field, description }) => ({ field, description }));
    connectError.details.push({ desc: BadRequestSchema, value: create(BadRequestSchema, { fieldViolations }) });
  }
  connectError.details.push({
    desc: DecisionSchema,
    value: error.decision ?? create(DecisionSchema, { requestId }),
  });
  return connectError;
}
