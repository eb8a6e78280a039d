import { ConnectError } from '@connectrpc/connect';
import { type Call, remainingMs } from './call.ts';
import { connectionFault } from './connection-fault.ts';
import { readError } from './read-error.ts';
import type { SluiceError } from './sluice-error.ts';

/** The bound of the first wait; it doubles with each retry. */
const BACKOFF_BASE_MS = 500;

const BACKOFF_MAX_MS = 8000;

/** A longer wait than this is for the caller to decide on: the error says how long. */
const MAX_RETRY_AFTER_MS = 60_000;

/** One try of a call. */
export interface Attempt<T> {
  /** Whether the contract lets the call happen twice. If not, it is not sent again where an answer may have got lost. */
  readonly repeatable: boolean;
  /** Makes the try in so many milliseconds, or without a deadline. */
  run(timeoutMs: number | undefined): Promise<T>;
}

/** Tries, and tries again where the failure says that it can help. Throws the last failure as a SluiceError. */
export async function withRetries<T>(call: Call, attempt: Attempt<T>): Promise<T> {
  for (let retries = 0, waitMs = 0; ; retries++) {
    try {
      call.signal?.throwIfAborted();
      if (retries > 0) await call.timing.sleep(waitMs, call.signal);
      return await attempt.run(timeoutMs(call));
    } catch (thrown) {
      const error = readError(thrown, call);
      const nextWaitMs = mayRetry(error, attempt.repeatable) ? retryWaitMs(error, call, retries) : undefined;
      if (nextWaitMs === undefined || retries >= call.maxRetries) throw error;
      waitMs = nextWaitMs;
    }
  }
}

/** What a transport takes: whole milliseconds, and 0 would mean no deadline. */
function timeoutMs(call: Call): number | undefined {
  const remaining = remainingMs(call);
  return remaining === undefined ? undefined : Math.max(1, Math.floor(remaining));
}

/** A lost answer may have been paid for: a model is asked again only where the gateway surely did not hear. */
function mayRetry(error: SluiceError, repeatable: boolean): boolean {
  if (!error.retryable) return false;
  if (error.reason !== 'CONNECTION' || repeatable) return true;
  return error.cause instanceof ConnectError && connectionFault(error.cause) === 'not_sent';
}

/**
 * How long to wait, in milliseconds; undefined where the wait would be too long or go past the deadline.
 * Full jitter after "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), on top of what the gateway asks.
 */
function retryWaitMs(error: SluiceError, call: Call, retries: number): number | undefined {
  const askedMs = error.retryAfterMs ?? 0;
  const jitterMs = call.timing.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** retries);
  const waitMs = askedMs + jitterMs;
  return askedMs > MAX_RETRY_AFTER_MS || waitMs >= (remainingMs(call) ?? Infinity) ? undefined : waitMs;
}
