import { type AttemptFailure, FAILURE_TABLE } from '../errors/attempt-error.ts';
import type { FallbackPolicy } from './route.ts';

/** Whether a failure leads to the next target. A call that has ended goes nowhere. */
export function leadsOn(policy: FallbackPolicy | undefined, failure: AttemptFailure): boolean {
  if (policy?.on === undefined) return FAILURE_TABLE[failure].tryNext;
  return policy.on.has(failure) && failure !== 'CANCELED';
}

const FAILURES = Object.keys(FAILURE_TABLE) as AttemptFailure[];

/** All failures that lead to the next target. */
export function failuresLeadingOn(policy: FallbackPolicy | undefined): readonly AttemptFailure[] {
  return FAILURES.filter((failure) => leadsOn(policy, failure));
}
