import type { Expression } from '../core/expression.ts';
import type { BudgetPeriod } from './budget-window.ts';

/** What a budget counts. */
export type BudgetUnit = 'NANO_USD' | 'TOKENS';

/** What a budget can be divided by: fields of a call's metadata, its key and project, and "label:<name>". */
export type GroupKey = string;

/** How long a budget's limit holds before it begins anew. */
export type BudgetTime =
  | { readonly kind: 'calendar'; readonly period: BudgetPeriod; readonly timeZone: string }
  /** The last so many milliseconds at any moment, counted in steps of a sixtieth. */
  | { readonly kind: 'rolling'; readonly lengthMs: number };

/** A bound on spending, compiled. */
export interface Budget {
  readonly id: string;
  /** The project whose calls it counts; undefined: those of all projects. */
  readonly projectId: string | undefined;
  /** Which calls it counts, with the variables of routing rules; undefined: all. */
  readonly when: Expression | undefined;
  /** One limit for each combination of these; empty: one for all. */
  readonly groupBy: readonly GroupKey[];
  readonly unit: BudgetUnit;
  readonly limit: bigint;
  /** Until it ends the limit is higher by so much. */
  readonly raise: { readonly amount: bigint; readonly endMs: number } | undefined;
  readonly time: BudgetTime;
  /** Hard: no call may pass it, ever. Soft: it is counted and told of. */
  readonly hard: boolean;
  /** Shares of the limit that are told of when they are passed, each once per window, as in 0.8. */
  readonly thresholds: readonly number[];
  /** Begins each count anew when it grows: a reset. */
  readonly epoch: number;
}
