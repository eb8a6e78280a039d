import type { CallDefaults, CallOptions } from './options.ts';
import type { Timing } from './timing.ts';

/** The most retries where nobody says. */
const DEFAULT_MAX_RETRIES = 2;

/** The longest timer that JavaScript has; a longer one would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** One call, with all its tries. */
export interface Call {
  readonly signal: AbortSignal | undefined;
  /** When it must be over, in Timing.now's milliseconds. */
  readonly deadline: number | undefined;
  readonly maxRetries: number;
  readonly timing: Timing;
}

/** Opens a call: its time runs from now. Throws RangeError for a timeout that no timer can hold. */
export function openCall(timing: Timing, defaults: CallDefaults, options: CallOptions): Call {
  const timeoutMs = options.timeoutMs ?? defaults.timeoutMs ?? 0;
  if (!(timeoutMs >= 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
    throw new RangeError(`timeoutMs must be from 0 to ${MAX_TIMEOUT_MS}, not ${timeoutMs}`);
  }
  return {
    signal: options.signal,
    deadline: timeoutMs === 0 ? undefined : timing.now() + timeoutMs,
    maxRetries: options.maxRetries ?? defaults.maxRetries ?? DEFAULT_MAX_RETRIES,
    timing,
  };
}

/** Milliseconds until the call's deadline, negative after it; undefined where it has none. */
export function remainingMs(call: Call): number | undefined {
  return call.deadline === undefined ? undefined : call.deadline - call.timing.now();
}
