import { create } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Attempt, AttemptReason, AttemptSchema } from '../../gen/sluice/v1/decision_pb.ts';
import type { Usage } from '../../gen/sluice/v1/usage_pb.ts';
import type { Clock } from '../core/clock.ts';
import type { AttemptError } from '../errors/attempt-error.ts';
import type { Target } from '../routing/route.ts';

/** What is known of one attempt, filled in as it goes. */
export interface AttemptEntry {
  /** Counts from 1 within the call. */
  readonly number: number;
  readonly target: Target;
  /** The provider's answer has begun. */
  answered(status: number): void;
  /** Content has come. The first time counts. */
  contentSeen(): void;
  succeed(usage: Usage | undefined): void;
  fail(error: AttemptError, usage?: Usage): void;
  /** The call ended before the attempt did. */
  cancel(usage?: Usage): void;
  toMessage(): Attempt;
}

/** A new entry, begun now. The first of succeed and fail stands. */
export function beginAttempt(number: number, target: Target, clock: Clock): AttemptEntry {
  const startedAt = clock.monotonic();
  const message = create(AttemptSchema, {
    target: target.name,
    provider: target.provider,
    model: target.model,
    startTime: timestampFromMs(clock.now()),
  });
  const finish = (reason: AttemptReason, usage: Usage | undefined): boolean => {
    if (message.reason !== AttemptReason.UNSPECIFIED) return false;
    message.reason = reason;
    message.duration = durationFromMs(Math.round(clock.monotonic() - startedAt));
    if (usage !== undefined) message.usage = usage;
    return true;
  };
  return {
    number,
    target,
    answered(status) {
      message.status = status;
    },
    contentSeen() {
      message.firstContent ??= durationFromMs(Math.round(clock.monotonic() - startedAt));
    },
    succeed(usage) {
      finish(AttemptReason.SUCCESS, usage);
    },
    fail(error, usage) {
      if (!finish(AttemptReason[error.failure], usage)) return;
      if (error.status !== 0) message.status = error.status;
      if (error.retryAfterMs !== undefined) message.retryAfter = durationFromMs(Math.round(error.retryAfterMs));
    },
    cancel(usage) {
      finish(AttemptReason.CANCELED, usage);
    },
    toMessage: () => message,
  };
}
