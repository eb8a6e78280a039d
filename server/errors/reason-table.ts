import type { ReasonName } from './sluice-error.ts';

/** Connect's codes by name, as its specification spells them; gRPC's are the same words. */
export type ConnectCodeName =
  | 'canceled'
  | 'invalid_argument'
  | 'deadline_exceeded'
  | 'not_found'
  | 'permission_denied'
  | 'resource_exhausted'
  | 'failed_precondition'
  | 'unimplemented'
  | 'internal'
  | 'unavailable'
  | 'unauthenticated';

/** How a reason looks at each door. */
export interface ReasonRow {
  readonly code: ConnectCodeName;
  /** The HTTP status over REST. */
  readonly status: number;
  /** error.type of OpenAI's envelope. */
  readonly type: string;
  /** error.code of OpenAI's envelope. */
  readonly restCode: string;
  /** Whether the same call can succeed later without anybody's doing; REST says it as x-should-retry. */
  readonly retryable: boolean;
}

const row = (
  code: ConnectCodeName,
  status: number,
  type: string,
  restCode: string,
  retry: 'retryable' | 'final',
): ReasonRow => ({ code, status, type, restCode, retryable: retry === 'retryable' });

/** The one table from reason to Connect code, HTTP status and REST words; proto/sluice/v1/error.proto documents it. */
export const REASON_TABLE: Readonly<Record<ReasonName, ReasonRow>> = {
  UNAUTHENTICATED: row('unauthenticated', 401, 'authentication_error', 'invalid_api_key', 'final'),
  PERMISSION_DENIED: row('permission_denied', 403, 'permission_error', 'permission_denied', 'final'),
  INVALID_REQUEST: row('invalid_argument', 400, 'invalid_request_error', 'invalid_value', 'final'),
  REQUEST_TOO_LARGE: row('resource_exhausted', 413, 'invalid_request_error', 'request_too_large', 'final'),
  UNKNOWN_ENDPOINT: row('unimplemented', 404, 'invalid_request_error', 'unknown_url', 'final'),
  MODEL_NOT_FOUND: row('not_found', 404, 'invalid_request_error', 'model_not_found', 'final'),
  UNSUPPORTED_PARAMETER: row('invalid_argument', 400, 'invalid_request_error', 'unsupported_parameter', 'final'),
  UNSUPPORTED_OPERATION: row('unimplemented', 501, 'invalid_request_error', 'unsupported_operation', 'final'),
  DEADLINE_EXCEEDED: row('deadline_exceeded', 504, 'timeout_error', 'deadline_exceeded', 'final'),
  CANCELED: row('canceled', 499, 'canceled_error', 'canceled', 'final'),
  SHUTTING_DOWN: row('unavailable', 503, 'server_error', 'shutting_down', 'retryable'),
  INTERNAL: row('internal', 500, 'server_error', 'internal_error', 'final'),
  UPSTREAM_REJECTED: row('invalid_argument', 400, 'invalid_request_error', 'upstream_rejected', 'final'),
  CONTEXT_LENGTH_EXCEEDED: row('invalid_argument', 400, 'invalid_request_error', 'context_length_exceeded', 'final'),
  CONTENT_FILTERED: row('failed_precondition', 400, 'invalid_request_error', 'content_filter', 'final'),
  UPSTREAM_RATE_LIMITED: row('resource_exhausted', 429, 'rate_limit_error', 'upstream_rate_limited', 'retryable'),
  UPSTREAM_OVERLOADED: row('unavailable', 503, 'server_error', 'upstream_overloaded', 'retryable'),
  UPSTREAM_UNAVAILABLE: row('unavailable', 502, 'server_error', 'upstream_unavailable', 'retryable'),
  UPSTREAM_TIMEOUT: row('unavailable', 504, 'timeout_error', 'upstream_timeout', 'retryable'),
  UPSTREAM_CREDENTIAL_REJECTED: row(
    'failed_precondition',
    502,
    'server_error',
    'upstream_credential_rejected',
    'final',
  ),
  UPSTREAM_MALFORMED: row('unavailable', 502, 'server_error', 'upstream_malformed', 'retryable'),
  EGRESS_DENIED: row('failed_precondition', 502, 'server_error', 'egress_denied', 'final'),
  STREAM_INTERRUPTED: row('unavailable', 502, 'server_error', 'stream_interrupted', 'retryable'),
  NO_ELIGIBLE_TARGET: row('failed_precondition', 422, 'invalid_request_error', 'no_eligible_target', 'final'),
  CONFIG_REVISION_STALE: row('failed_precondition', 409, 'invalid_request_error', 'config_revision_stale', 'final'),
  CONFIG_REVISION_NOT_FOUND: row('not_found', 404, 'invalid_request_error', 'config_revision_not_found', 'final'),
  STORE_UNAVAILABLE: row('unavailable', 503, 'server_error', 'store_unavailable', 'retryable'),
  RESOURCE_NOT_FOUND: row('not_found', 404, 'invalid_request_error', 'resource_not_found', 'final'),
};
