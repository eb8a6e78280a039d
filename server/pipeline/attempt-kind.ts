import type { AttemptError } from '../errors/attempt-error.ts';
import type { Target } from '../routing/route.ts';
import type { AttemptEntry } from './attempt-log.ts';

/** What is known of an attempt before it is made. */
export interface AttemptPlace {
  /** No other target can follow: what is merely unwelcome is then better than nothing. */
  readonly isLast: boolean;
}

/** What a use case does at one target: `prepare` once, before anything is sent, `attempt` once for each try. */
export interface AttemptKind<P, T> {
  /** Throws SluiceError to refuse the call. */
  prepare(target: Target, place: AttemptPlace): P;
  /** Resolves once the answer is fit to go to the caller: whole, or with its first content. Throws AttemptError. */
  attempt(prepared: P, entry: AttemptEntry): Promise<T>;
  /** The same target asked once more with what was wrong with its answer; undefined where that cannot be asked. */
  repair?(prepared: P, error: AttemptError, place: AttemptPlace): P | undefined;
}
