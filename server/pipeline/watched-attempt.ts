import type { AttemptWatch } from '../routing/target-health.ts';
import type { AttemptEntry } from './attempt-log.ts';

/** The same attempt, told to the health of its target as well. */
export function watchedAttempt(entry: AttemptEntry, watch: AttemptWatch): AttemptEntry {
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
      watch.fail(error.failure, error.retryAfterMs);
    },
    cancel(usage) {
      entry.cancel(usage);
      watch.cancel();
    },
  };
}
