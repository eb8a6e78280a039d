import type { Random } from '../core/random.ts';
import type { RetryPolicy } from './route.ts';

/**
 * How long to wait before a target is tried again, in milliseconds; undefined where it shall not be.
 * Full jitter after "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): evenly from 0 to min(max, base × 2^n).
 * A provider's own Retry-After goes before that, unless it is longer than the policy waits.
 */
export function retryDelay(
  policy: RetryPolicy,
  failed: { readonly attempts: number; readonly retryAfterMs: number | undefined },
  random: Random,
): number | undefined {
  if (policy.honorRetryAfter && failed.retryAfterMs !== undefined) {
    return failed.retryAfterMs <= policy.maxRetryAfterMs ? failed.retryAfterMs : undefined;
  }
  const bound = Math.min(policy.backoffMaxMs, policy.backoffBaseMs * 2 ** (failed.attempts - 1));
  return policy.jitter === 'full' ? random.next() * bound : bound;
}
