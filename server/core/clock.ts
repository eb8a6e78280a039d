/** Time, so that tests can own it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Calls back once after so many milliseconds, unless stopped before. A timer never keeps the process alive. */
  schedule(milliseconds: number, callback: () => void): Timer;
}

export interface Timer {
  stop(): void;
}

/** The longest delay that Node's timers take. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(milliseconds, callback) {
    const handle = setTimeout(callback, Math.min(Math.max(milliseconds, 0), MAX_DELAY_MS));
    handle.unref();
    return { stop: () => clearTimeout(handle) };
  },
};
