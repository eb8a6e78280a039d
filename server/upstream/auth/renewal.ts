import type { Clock, Timer } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import { AttemptError } from '../../errors/attempt-error.ts';

/** Something that is good for a while: a token, or temporary keys. */
export interface Lease<T> {
  readonly value: T;
  /** Milliseconds since 1970; undefined: it does not expire. */
  readonly expiresAtMs: number | undefined;
}

export interface RenewalInit<T> {
  /** Gets a new one. Throws AttemptError. The signal ends it where it takes too long. */
  readonly obtain: (signal: AbortSignal) => Promise<Lease<T>>;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of each failure. */
  readonly report: (error: AttemptError) => void;
}

interface Held<T> {
  readonly value: T;
  readonly obtainedAtMs: number;
  /** From then on a new one is asked for, while this one still serves. */
  readonly renewAtMs: number;
  readonly goodUntilMs: number;
}

interface Failure {
  readonly error: AttemptError;
  readonly count: number;
  readonly retryAtMs: number;
}

/** How long getting a new one may take. */
const OBTAIN_TIMEOUT_MS = 15_000;
/** A new one is asked for so long before the end, or at 80 % of a life that is short. */
const AHEAD_MS = 5 * 60_000;
const AHEAD_SHARE = 0.2;
/** One that seems to be over when it comes is used so long: a wrong clock must not make every call ask anew. */
const SHORTEST_LIFE_MS = 10_000;
/** Not used at its very end: the request is still to travel. */
const TRAVEL_MS = 5_000;
const BACKOFF_BASE_MS = 500;
const BACKOFF_MAX_MS = 30_000;
/** One so young is not what the provider objects to: another would be refused too. */
const REPLACEABLE_AGE_MS = 60_000;

/**
 * Keeps one credential fresh for all who use it. It is renewed by use and ahead of its end: as long as the old one is good
 * nobody waits, and when it is not, all wait for the same new one. A failed renewal is tried again with growing pauses.
 */
export class Renewal<T> {
  readonly #init: RenewalInit<T>;
  #held: Held<T> | undefined;
  #failure: Failure | undefined;
  #underWay: Promise<T> | undefined;

  constructor(init: RenewalInit<T>) {
    this.#init = init;
  }

  /** A good one. Throws AttemptError where none can be had, or the signal's reason; that ends no renewal under way. */
  async get(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const now = this.#init.clock.now();
    const pausing = this.#underWay === undefined && this.#failure !== undefined && now < this.#failure.retryAtMs;
    const held = this.#held;
    if (held !== undefined && now < held.goodUntilMs) {
      // Its failure is told to those who need a new one.
      if (now >= held.renewAtMs && !pausing) void this.#renew().catch(() => {});
      return held.value;
    }
    if (pausing && this.#failure !== undefined) throw this.#failure.error;
    return unlessAborted(this.#renew(), signal);
  }

  /** The provider refused this one. It is given up, unless it is new: then a new one would fare no better. */
  refuse(value: T): void {
    const held = this.#held;
    if (held?.value !== value) return;
    if (this.#init.clock.now() - held.obtainedAtMs >= REPLACEABLE_AGE_MS) this.#held = undefined;
  }

  #renew(): Promise<T> {
    this.#underWay ??= this.#obtain().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #obtain(): Promise<T> {
    const { clock, obtain } = this.#init;
    const timeout = new AbortController();
    const timer: Timer = clock.schedule(OBTAIN_TIMEOUT_MS, () => {
      timeout.abort(new AttemptError('TIMEOUT', 'No credential came in time.'));
    });
    try {
      this.#held = this.#hold(await obtain(timeout.signal));
      this.#failure = undefined;
      return this.#held.value;
    } catch (thrown) {
      if (thrown instanceof AttemptError) {
        this.#failure = this.#fail(thrown);
        this.#init.report(thrown);
      }
      throw thrown;
    } finally {
      timer.stop();
    }
  }

  #hold({ value, expiresAtMs }: Lease<T>): Held<T> {
    const { clock, random } = this.#init;
    const obtainedAtMs = clock.now();
    if (expiresAtMs === undefined) {
      return { value, obtainedAtMs, renewAtMs: Number.POSITIVE_INFINITY, goodUntilMs: Number.POSITIVE_INFINITY };
    }
    const life = Math.max(expiresAtMs - obtainedAtMs, SHORTEST_LIFE_MS);
    // Several processes that began together shall not ask together.
    const ahead = Math.min(AHEAD_MS, life * AHEAD_SHARE) * (1 + random.next() / 2);
    const goodUntilMs = obtainedAtMs + life - Math.min(TRAVEL_MS, life * AHEAD_SHARE * 0.5);
    return { value, obtainedAtMs, renewAtMs: obtainedAtMs + life - ahead, goodUntilMs };
  }

  #fail(error: AttemptError): Failure {
    const { clock, random } = this.#init;
    const count = (this.#failure?.count ?? 0) + 1;
    const bound = Math.min(BACKOFF_BASE_MS * 2 ** (count - 1), BACKOFF_MAX_MS);
    return { error, count, retryAtMs: clock.now() + bound * (0.5 + random.next() / 2) };
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
