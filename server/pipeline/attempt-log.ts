import { create } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Attempt, AttemptReason, AttemptSchema } from '../../gen/sluice/v1/decision_pb.ts';
import { DrillFault } from '../../gen/sluice/v1/drill_pb.ts';
import type { Usage } from '../../gen/sluice/v1/usage_pb.ts';
import type { PooledCredential } from '../config/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import type { AttemptError } from '../errors/attempt-error.ts';
import type { Strike } from '../routing/drills.ts';
import type { Target } from '../routing/route.ts';

/** What is known of one attempt, filled in as it goes. */
export interface AttemptEntry {
  /** Counts from 1 within the call. */
  readonly number: number;
  readonly target: Target;
  /** What a drill does to it; undefined for nearly all. */
  readonly strike: Strike | undefined;
  /** Of the provider's pool; undefined where it has none. */
  readonly credential?: PooledCredential | undefined;
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
export function beginAttempt(
  { number, target, strike, credential }: Pick<AttemptEntry, 'number' | 'target' | 'strike' | 'credential'>,
  clock: Clock,
): AttemptEntry {
  const startedAt = clock.monotonic();
  const message = create(AttemptSchema, {
    target: target.name,
    provider: target.provider,
    model: target.model,
    startTime: timestampFromMs(clock.now()),
    drill: strike === undefined ? DrillFault.UNSPECIFIED : DrillFault[strike.fault.kind],
    credential: credential?.name ?? '',
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
    strike,
    credential,
    answered(status) {
      message.status = status;
    },
    contentSeen() {
      message.firstContent ??= durationFromMs(Math.round(clock.monotonic() - startedAt));
    },
    succeed(usage) {
      finish(AttemptReason.SUCCESS, usage);
    },
    fail(error, usage = error.usage) {
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
