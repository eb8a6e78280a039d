import type { AttemptReason } from '../../gen/sluice/v1/decision_pb.ts';
import type { Usage } from '../../gen/sluice/v1/usage_pb.ts';
import type { ReasonName } from './sluice-error.ts';

/** How an attempt can fail, by its name in sluice.v1.AttemptReason. */
export type AttemptFailure = Exclude<keyof typeof AttemptReason, 'UNSPECIFIED' | 'SUCCESS'>;

export interface AttemptErrorInit {
  /** The provider's HTTP status; 0 where none came. */
  readonly status?: number;
  /** How long the provider asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The provider's own words. Shown to the caller only where the failure is the caller's to mend. */
  readonly providerMessage?: string;
  /** The provider's own code, as in context_length_exceeded. */
  readonly providerCode?: string;
  /** The field that the provider complains of. */
  readonly param?: string;
  /** The timer that ran out, with TIMEOUT. */
  readonly timer?: 'connect' | 'first_content' | 'idle' | 'total';
  /** What the provider reported of an answer that was not good enough. */
  readonly usage?: Usage | undefined;
  readonly cause?: unknown;
}

/** A failure of one attempt at a provider, classified. The attempt engine decides what follows from it. */
export class AttemptError extends Error {
  readonly failure: AttemptFailure;
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly providerMessage: string | undefined;
  readonly providerCode: string | undefined;
  readonly param: string | undefined;
  readonly timer: AttemptErrorInit['timer'];
  readonly usage: Usage | undefined;

  constructor(failure: AttemptFailure, message: string, init: AttemptErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'AttemptError';
    this.failure = failure;
    this.status = init.status ?? 0;
    this.retryAfterMs = init.retryAfterMs;
    this.providerMessage = init.providerMessage;
    this.providerCode = init.providerCode;
    this.param = init.param;
    this.timer = init.timer;
    this.usage = init.usage;
  }
}

/** What a failure means for the call. */
export interface FailureRow {
  /** The reason that the caller sees when this was the last attempt. */
  readonly reason: ReasonName;
  /** Whether the same target may be tried again. */
  readonly retrySame: boolean;
  /** Whether the next target may be tried. */
  readonly tryNext: boolean;
  /** Whether the provider's words are the caller's business: their own request is what is wrong. */
  readonly showProviderMessage: boolean;
}

const row = (reason: ReasonName, then: 'retry' | 'next' | 'stop', words: 'shown' | 'hidden'): FailureRow => ({
  reason,
  retrySame: then === 'retry',
  tryNext: then !== 'stop',
  showProviderMessage: words === 'shown',
});

/** The one table from an attempt's failure to what follows. */
export const FAILURE_TABLE: Readonly<Record<AttemptFailure, FailureRow>> = {
  RATE_LIMITED: row('UPSTREAM_RATE_LIMITED', 'retry', 'hidden'),
  OVERLOADED: row('UPSTREAM_OVERLOADED', 'retry', 'hidden'),
  SERVER_ERROR: row('UPSTREAM_UNAVAILABLE', 'retry', 'hidden'),
  TIMEOUT: row('UPSTREAM_TIMEOUT', 'retry', 'hidden'),
  CONNECTION: row('UPSTREAM_UNAVAILABLE', 'retry', 'hidden'),
  CREDENTIAL_REJECTED: row('UPSTREAM_CREDENTIAL_REJECTED', 'next', 'hidden'),
  MALFORMED: row('UPSTREAM_MALFORMED', 'retry', 'hidden'),
  EMPTY_RESPONSE: row('UPSTREAM_MALFORMED', 'retry', 'hidden'),
  INTERRUPTED: row('UPSTREAM_UNAVAILABLE', 'retry', 'hidden'),
  CONTEXT_LENGTH_EXCEEDED: row('CONTEXT_LENGTH_EXCEEDED', 'next', 'shown'),
  CONTENT_FILTERED: row('CONTENT_FILTERED', 'stop', 'shown'),
  MODEL_NOT_FOUND: row('MODEL_NOT_FOUND', 'next', 'shown'),
  INVALID_REQUEST: row('UPSTREAM_REJECTED', 'stop', 'shown'),
  CANCELED: row('CANCELED', 'stop', 'hidden'),
  EGRESS_DENIED: row('EGRESS_DENIED', 'next', 'hidden'),
  SATURATED: row('UPSTREAM_OVERLOADED', 'next', 'hidden'),
  // These two are looked for only where a route names them as triggers.
  SCHEMA_INVALID: row('UPSTREAM_MALFORMED', 'stop', 'hidden'),
  REFUSAL: row('CONTENT_FILTERED', 'stop', 'hidden'),
};
