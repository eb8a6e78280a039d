import type { Code } from '@connectrpc/connect';
import type { Decision } from './gen/sluice/v1/decision_pb.ts';
import type { ErrorReason } from './gen/sluice/v1/error_pb.ts';

/**
 * Why a call failed: a name of sluice.v1.ErrorReason, or one of the client's own two.
 * CONNECTION: the gateway was not reached, or the connection broke before an answer began.
 * UNKNOWN: a reason that this client does not know (rawReason has its name), or a failure that gave none.
 */
export type SluiceErrorReason = Exclude<keyof typeof ErrorReason, 'UNSPECIFIED'> | 'CONNECTION' | 'UNKNOWN';

/** Whether the same call can succeed later without anybody's doing. A reason that is not known is taken for final. */
const RETRYABLE: Readonly<Record<SluiceErrorReason, boolean>> = {
  UNAUTHENTICATED: false,
  PERMISSION_DENIED: false,
  INVALID_REQUEST: false,
  REQUEST_TOO_LARGE: false,
  UNKNOWN_ENDPOINT: false,
  MODEL_NOT_FOUND: false,
  UNSUPPORTED_PARAMETER: false,
  UNSUPPORTED_OPERATION: false,
  DEADLINE_EXCEEDED: false,
  CANCELED: false,
  SHUTTING_DOWN: true,
  INTERNAL: false,
  UPSTREAM_REJECTED: false,
  CONTEXT_LENGTH_EXCEEDED: false,
  CONTENT_FILTERED: false,
  UPSTREAM_RATE_LIMITED: true,
  UPSTREAM_OVERLOADED: true,
  UPSTREAM_UNAVAILABLE: true,
  UPSTREAM_TIMEOUT: true,
  UPSTREAM_CREDENTIAL_REJECTED: false,
  UPSTREAM_MALFORMED: true,
  EGRESS_DENIED: false,
  STREAM_INTERRUPTED: true,
  NO_ELIGIBLE_TARGET: false,
  CONFIG_REVISION_STALE: false,
  CONFIG_REVISION_NOT_FOUND: false,
  STORE_UNAVAILABLE: true,
  RESOURCE_NOT_FOUND: false,
  CONNECTION: true,
  UNKNOWN: false,
};

/** The reason that a server's word names; UNKNOWN for words newer than this client. */
export function knownReason(name: string): SluiceErrorReason {
  return isReason(name) ? name : 'UNKNOWN';
}

function isReason(name: string): name is SluiceErrorReason {
  return Object.hasOwn(RETRYABLE, name);
}

/** A field of the request that breaks the contract. */
export interface FieldViolation {
  /** Its path, as in generation.model. */
  readonly field: string;
  /** What is wrong with it, for people. */
  readonly description: string;
}

/** What a failure says besides its reason, its code and its message. */
export interface SluiceErrorFacts {
  readonly rawReason?: string;
  readonly retryAfterMs?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly FieldViolation[];
  readonly requestId?: string;
  readonly decision?: Decision | undefined;
  readonly cause?: unknown;
}

/** The one error of this client: every call that fails throws it. */
export class SluiceError extends Error {
  readonly reason: SluiceErrorReason;
  /** The reason in the gateway's word. Empty where the gateway did not speak: the client or the network noticed. */
  readonly rawReason: string;
  /** The status code of the RPC. */
  readonly code: Code;
  /** How long to wait before another try, in milliseconds, where the gateway says. */
  readonly retryAfterMs: number | undefined;
  /** Facts for programs, under the keys that the reason's comment in sluice.v1.ErrorReason names. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The fields that are wrong, with INVALID_REQUEST. */
  readonly violations: readonly FieldViolation[];
  /** Names the call in the gateway's logs and records. Empty where it did not answer. */
  readonly requestId: string;
  /** What the gateway did. */
  readonly decision: Decision | undefined;

  constructor(failure: { reason: SluiceErrorReason; code: Code; message: string }, facts: SluiceErrorFacts = {}) {
    super(failure.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'SluiceError';
    this.reason = failure.reason;
    this.code = failure.code;
    this.rawReason = facts.rawReason ?? '';
    this.retryAfterMs = facts.retryAfterMs;
    this.metadata = facts.metadata ?? {};
    this.violations = facts.violations ?? [];
    this.requestId = facts.requestId ?? '';
    this.decision = facts.decision;
  }

  /** Whether the same call can succeed later without anybody's doing. */
  get retryable(): boolean {
    return RETRYABLE[this.reason];
  }
}
