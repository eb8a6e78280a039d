import type { Decision } from '../../gen/sluice/v1/decision_pb.ts';
import type { ErrorReason } from '../../gen/sluice/v1/error_pb.ts';

/** A reason of sluice.v1.ErrorReason by its name, which is what ErrorInfo.reason and x-sluice-reason show. */
export type ReasonName = Exclude<keyof typeof ErrorReason, 'UNSPECIFIED'>;

/** One field that is not as the contract says. */
export interface FieldViolation {
  /** As in generation.messages[0].role. */
  readonly field: string;
  readonly description: string;
}

export interface SluiceErrorInit {
  /** Facts for programs, under the keys that the reason's comment names. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The REST name of the offending field, as in messages[0].role. */
  readonly param?: string;
  /** Replaces the reason's own REST code, for a provider's word that callers switch on. */
  readonly restCode?: string;
  /** When a retry can make sense, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** Fields of the request that are not as the contract says. */
  readonly violations?: readonly FieldViolation[];
  /** For logs only; never shown to callers. */
  readonly cause?: unknown;
}

/** A failure that a caller is told about: a reason for programs, a message for people. */
export class SluiceError extends Error {
  readonly reason: ReasonName;
  readonly metadata: Readonly<Record<string, string>>;
  readonly param: string | undefined;
  readonly restCode: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly violations: readonly FieldViolation[];
  /** What the gateway did; set when the call is settled. */
  decision: Decision | undefined;
  /** The request that it answers; set where the answer is written, for errors before a call was opened have no decision. */
  requestId: string | undefined;

  constructor(reason: ReasonName, message: string, init: SluiceErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'SluiceError';
    this.reason = reason;
    this.metadata = init.metadata ?? {};
    this.param = init.param;
    this.restCode = init.restCode;
    this.retryAfterMs = init.retryAfterMs;
    this.violations = init.violations ?? [];
  }
}

/** Any thrown value as a SluiceError: foreign ones become INTERNAL and keep the original as cause, for the log alone. */
export function toSluiceError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  return new SluiceError('INTERNAL', 'The gateway failed. Its log has the cause under this request id.', {
    cause: thrown,
  });
}
