import type { PooledCredential } from '../config/snapshot.ts';
import type { AttemptError, AttemptFailure } from '../errors/attempt-error.ts';
import type { CredentialRests } from '../routing/credential-rests.ts';
import type { AttemptWatch } from '../routing/target-health.ts';
import type { AttemptEntry } from './attempt-log.ts';

/** Who is told how an attempt went. */
export interface Watchers {
  readonly watch: AttemptWatch;
  /** The provider's credentials, where it has several. */
  readonly pool: readonly PooledCredential[] | undefined;
  readonly credentials: CredentialRests;
}

/** The same attempt, told to the health of its target as well. */
export function watchedAttempt(entry: AttemptEntry, watchers: Watchers): AttemptEntry {
  const { watch } = watchers;
  return {
    ...entry,
    contentSeen() {
      entry.contentSeen();
      watch.contentSeen();
    },
    succeed(usage) {
      entry.succeed(usage);
      watch.succeed(usage?.outputTokens);
    },
    fail(error, usage) {
      entry.fail(error, usage);
      const [failure, retryAfterMs] = failureOfTarget(error, entry.credential, watchers);
      watch.fail(failure, retryAfterMs);
    },
    cancel(usage) {
      entry.cancel(usage);
      watch.cancel();
    },
  };
}

/** One credential of several says nothing of the target, which has others; only where all of them rest does it rest too. */
function failureOfTarget(
  { failure, retryAfterMs }: AttemptError,
  credential: PooledCredential | undefined,
  { pool, credentials }: Watchers,
): readonly [AttemptFailure, number | undefined] {
  if (credential === undefined || pool === undefined) return [failure, retryAfterMs];
  if (!credentials.failed(credential, failure, retryAfterMs)) return [failure, retryAfterMs];
  const restMs = credentials.allRestForMs(pool);
  return restMs === 0 ? ['CANCELED', undefined] : [failure, restMs];
}
