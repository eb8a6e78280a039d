import type { DrillFault } from '../../gen/sluice/v1/drill_pb.ts';

/** A kind of fault, by its name in sluice.v1.DrillFault. */
export type FaultKind = Exclude<keyof typeof DrillFault, 'UNSPECIFIED'>;

/** What a drill puts in the place of a provider's answer. */
export interface Fault {
  readonly kind: FaultKind;
  /** With RATE_LIMITED, in milliseconds; undefined: it does not say. */
  readonly retryAfterMs?: number;
  /** With SERVER_ERROR. Undefined: 500. */
  readonly status?: number;
  /** CUT, STALL and MALFORMED strike streams after their first content. */
  readonly afterContent: boolean;
  /** Whether the fault counts for the health of its target. */
  readonly affectsHealth: boolean;
}
