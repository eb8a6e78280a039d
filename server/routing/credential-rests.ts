import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { AttemptFailure } from '../errors/attempt-error.ts';

/** How long a credential that was refused is left alone. Keys are mended by people. */
const REFUSED_REST_MS = 300_000;
/** The same of one that is limited and is not told for how long, and the most that it is believed. */
const LIMITED_REST_MS = 1000;
const MAX_LIMITED_REST_MS = 3_600_000;

/** As much of a credential as a choice hangs on. */
export interface WeightedCredential {
  readonly weight: number;
}

/** Which credentials of a pool rest, in this process's memory. A new configuration forgets it. */
export interface CredentialRests {
  /**
   * Draws one that is not among those tried and does not rest, by weight; of a weight of 0 only where nothing else is left.
   * Where all rest, and none has been tried, the one whose rest ends first. Undefined where there is none.
   */
  choose<C extends WeightedCredential>(pool: readonly C[], tried: ReadonlySet<C>): C | undefined;
  /** Whether the failure of an attempt is the credential's own: then it rests from now on. */
  failed(credential: WeightedCredential, failure: AttemptFailure, retryAfterMs: number | undefined): boolean;
  /** How long until one of a pool does not rest, in milliseconds: 0 while one does not. */
  allRestForMs(pool: readonly WeightedCredential[]): number;
}

export function createCredentialRests(clock: Clock, random: Random): CredentialRests {
  const restsUntil = new WeakMap<WeightedCredential, number>();
  const untilMs = (credential: WeightedCredential): number => restsUntil.get(credential) ?? 0;
  return {
    choose(pool, tried) {
      const now = clock.now();
      const awake = pool.filter((each) => !tried.has(each) && untilMs(each) <= now);
      if (awake.length > 0) return drawn(awake, random);
      return tried.size > 0 ? undefined : pool.toSorted((left, right) => untilMs(left) - untilMs(right))[0];
    },
    failed(credential, failure, retryAfterMs) {
      if (failure === 'CREDENTIAL_REJECTED') restsUntil.set(credential, clock.now() + REFUSED_REST_MS);
      else if (failure === 'RATE_LIMITED') {
        restsUntil.set(credential, clock.now() + Math.min(retryAfterMs ?? LIMITED_REST_MS, MAX_LIMITED_REST_MS));
      } else return false;
      return true;
    },
    allRestForMs: (pool) => Math.max(Math.min(...pool.map(untilMs)) - clock.now(), 0),
  };
}

function drawn<C extends WeightedCredential>(pool: readonly C[], random: Random): C | undefined {
  const total = pool.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return pool[0];
  let left = random.next() * total;
  return pool.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
}
