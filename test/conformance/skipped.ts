/** A pattern of case names that are not run, with the reason. What the suite does not try at all is in features.yaml. */
export interface Skipped {
  readonly pattern: string;
  readonly reason: string;
}

/** None: every case of the features that Sluice has passes. */
export const SKIPPED: readonly Skipped[] = [];
