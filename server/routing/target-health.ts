import type { AttemptFailure } from '../errors/attempt-error.ts';
import type { OutlierPolicy } from './route.ts';

/** What figures are kept by: a model at a provider, whatever routes lead there. */
export interface TargetAddress {
  readonly provider: string;
  readonly model: string;
  /** Of the target within its route; figures do not hang on it. */
  readonly name?: string;
}

/** How a target has fared lately. What was not seen is undefined; times are in milliseconds, moments since 1970. */
export interface TargetFigures {
  readonly inFlight: number;
  /** To the first content of streams: an average that jumps to peaks and decays. */
  readonly firstContentMs: number | undefined;
  /** Of whole answers, for each output token: the same kind of average. */
  readonly msPerToken: number | undefined;
  readonly tokensPerSecond: number | undefined;
  /** The provider asked not to be called until then; 0 where it did not. */
  readonly throttledUntilMs: number;
  /** It failed too often and rests until then; 0 where it does not. */
  readonly ejectedUntilMs: number;
  /** It has come back from such a rest and has as many calls as it may for now. */
  readonly isRecoveringFull: boolean;
}

/** One attempt, watched. What happens first of succeed, fail and cancel counts. */
export interface AttemptWatch {
  contentSeen(): void;
  succeed(outputTokens: number | undefined): void;
  fail(failure: AttemptFailure, retryAfterMs: number | undefined): void;
  cancel(): void;
}

/** A target that has been called, with counts since it was first seen. */
export interface SeenTarget {
  readonly provider: string;
  readonly model: string;
  readonly figures: TargetFigures;
  /** Attempts that have ended, whatever way. */
  readonly attempts: number;
  /** Of these, those whose failure was the target's own. */
  readonly failures: number;
  /** How often it was taken out for failing too often. */
  readonly ejections: number;
}

/** What is known of how targets fare. One process keeps its own; the port is for those that will share it. */
export interface TargetHealth {
  figures(target: TargetAddress): TargetFigures;
  /** The time within which 19 of 20 of the latest streams had their first content; undefined where too few were seen. */
  firstContentP95Ms(target: TargetAddress): number | undefined;
  /**
   * What is usual: half of the latest streams had their first content, and half of the latest answers in one piece came, within
   * this time; undefined where too few were seen.
   */
  usualAnswerMs(target: TargetAddress, attempt: WatchedKind): number | undefined;
  /** All targets that are remembered. */
  seen(): readonly SeenTarget[];
  /** An attempt begins. */
  begin(target: TargetAddress, attempt: WatchedKind): AttemptWatch;
}

/** What kind of attempt is watched. */
export interface WatchedKind {
  readonly stream: boolean;
  /** When its failures take the target out; undefined: never. */
  readonly outliers?: OutlierPolicy | undefined;
}

/** Of a target that nobody has seen. */
export const NO_FIGURES: TargetFigures = Object.freeze({
  inFlight: 0,
  firstContentMs: undefined,
  msPerToken: undefined,
  tokensPerSecond: undefined,
  throttledUntilMs: 0,
  ejectedUntilMs: 0,
  isRecoveringFull: false,
});
