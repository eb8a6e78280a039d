import type { RejectionCode } from '../../gen/sluice/v1/candidate_pb.ts';
import type { ModelFacts } from './model-facts.ts';
import type { Constraints, Target } from './route.ts';
import type { TargetFigures } from './target-health.ts';

/** What speaks against a candidate, by its name in sluice.v1.RejectionCode. */
export type RejectionName = Exclude<keyof typeof RejectionCode, 'UNSPECIFIED'>;

/** What speaks against a candidate. */
export interface Rejection {
  readonly code: RejectionName;
  /** What asks for it, as in constraints.regions. */
  readonly field: string;
  readonly required: string;
  readonly actual: string;
  readonly soft: boolean;
}

/** A target that a call might go to, with all that is known of it. Filters and orders fill it in. */
export interface Candidate {
  /** Unique among the candidates of a plan unless the configuration gave a name twice. */
  readonly name: string;
  readonly target: Target;
  /** All that must be met: those of each route on the way here, then the caller's own. */
  readonly constraints: readonly Constraints[];
  readonly facts: ModelFacts | undefined;
  readonly figures: TargetFigures;
  readonly rejections: Rejection[];
  /** Kinds of soft rejections that count no more, because they would have left nothing. */
  relaxed: ReadonlySet<RejectionName>;
  /** The most that the call can cost here, in billionths of a US dollar. */
  readonly maxCostNanoUsd: bigint | undefined;
  /** How likely it is to be tried first, before chance has drawn. */
  probability: number;
  /** What the strategy compared. */
  score: number | undefined;
}

/** Whether a call may go there. */
export function isEligible({ rejections, relaxed }: Candidate): boolean {
  return rejections.every(({ code, soft }) => soft && relaxed.has(code));
}
