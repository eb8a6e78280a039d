import type { Expression } from '../core/expression.ts';
import type { AttemptFailure } from '../errors/attempt-error.ts';
import type { Capability } from './model-facts.ts';

/** A model of a provider that calls can go to. Providers are named here and looked up in the snapshot. */
export interface Target extends TargetTraits {
  /** As decisions show it. */
  readonly name: string;
  /** Empty where `route` is set. */
  readonly provider: string;
  /** In the provider's words. Empty where `route` is set. */
  readonly model: string;
  /** Another route, whose targets stand in this one's place. A plan holds none of these. */
  readonly route?: string;
  /** Lower ones first. Unset: 0. */
  readonly priority?: number;
  /** Unset: 1. */
  readonly weight?: number;
  readonly when?: Expression;
  readonly quantization?: string;
}

/** What a configuration says of where a model runs. What is not known is unset. */
export interface TargetTraits {
  readonly region?: string;
  readonly labels?: ReadonlyMap<string, string>;
  readonly dataPolicy?: DataPolicy;
}

/** What a provider does with prompts and answers. */
export interface DataPolicy {
  /** Undefined where nobody knows. */
  readonly collects: boolean | undefined;
  readonly zeroDataRetention: boolean;
}

/** When the same target is tried again. Times are in milliseconds. */
export interface RetryPolicy {
  /** Attempts at one target, the first included. */
  readonly maxAttemptsPerTarget: number;
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  readonly jitter: 'full' | 'none';
  readonly honorRetryAfter: boolean;
  readonly maxRetryAfterMs: number;
  /** How many retries of the route may run at once; undefined: any number, which no configuration says. */
  readonly budget?: RetryBudget;
}

/** A share of the calls under way, with a floor. */
export interface RetryBudget {
  readonly percent: number;
  readonly minConcurrency: number;
}

/** How long is waited, in milliseconds. */
export interface Timeouts {
  readonly totalMs: number;
  readonly perTryMs: number;
  readonly firstContentMs: number;
  readonly idleMs: number;
  readonly connectMs: number;
}

/** What every target must meet. Prices are billionths of a US dollar per million tokens. */
export interface Constraints {
  /** Where it stands, for reasons. */
  readonly source: 'constraints' | 'preferences';
  readonly regions?: readonly string[];
  readonly denyDataCollection?: boolean;
  readonly zeroDataRetention?: boolean;
  /** Demanded: a model that is not known to have them is refused. */
  readonly capabilities?: readonly Capability[];
  readonly quantizations?: readonly string[];
  readonly maxInputPrice?: bigint;
  readonly maxOutputPrice?: bigint;
  readonly maxRequestCostNanoUsd?: bigint;
  readonly maxLatency?: { readonly ttftP95Ms: number; readonly required: boolean };
  readonly predicate?: Expression;
}

export type StrategyType =
  | 'ORDERED'
  | 'WEIGHTED'
  | 'ROUND_ROBIN'
  | 'PEAK_EWMA'
  | 'LEAST_IN_FLIGHT'
  | 'LATENCY'
  | 'THROUGHPUT'
  | 'PRICE';

/** How targets of the same priority are ordered. */
export interface Strategy {
  readonly type: StrategyType;
  /** With PEAK_EWMA. */
  readonly choices: 'all' | 'two';
  /** Undefined: ttft for streams, total for answers in one piece. */
  readonly signal?: 'ttft' | 'total';
  /** What calls that belong together share. */
  readonly stickyBy?: Expression;
}

/** When the next target is tried. */
export interface FallbackPolicy {
  /** Undefined: as FAILURE_TABLE says. */
  readonly on?: ReadonlySet<AttemptFailure>;
  /** Over all targets, retries included. */
  readonly maxAttempts?: number;
  readonly streams: boolean;
  readonly allowed: boolean;
  /** Whether streams that have a schema to meet are held back until they are whole. */
  readonly bufferStreams?: boolean;
}

/** When a target that fails is left alone for a while. Times are in milliseconds. */
export interface OutlierPolicy {
  /** So many failures in a row; 0: any number. */
  readonly consecutiveFailures: number;
  /** Or such a share of the attempts within the window, from 0 to 1; 0: any share. */
  readonly failureRatio: number;
  /** The share counts only from so many attempts. */
  readonly minRequests: number;
  readonly windowMs: number;
  /** The first time; each further time as much longer. */
  readonly baseEjectionMs: number;
  readonly maxEjectionMs: number;
  /** Of a call's targets, so many in a hundred are left alone at once, but one always may be, unless this is 0. */
  readonly maxEjectionPercent: number;
}

/** How many calls a target has at once. */
export interface TargetLimits {
  readonly maxConcurrency: number;
  /** The most calls that wait for a target. */
  readonly maxQueue: number;
  readonly queueTimeoutMs: number;
}

/** Changes a route for some calls. */
export interface Rule {
  readonly name: string;
  readonly when: Expression;
  /** Names; undefined: all targets. */
  readonly targets?: ReadonlySet<string>;
  readonly strategy?: Strategy;
  readonly fallback?: FallbackPolicy;
}

/** A name that callers give as a model, compiled. */
export interface Route {
  /** Empty for a "provider/model" address. */
  readonly name: string;
  /** At least one. */
  readonly targets: readonly Target[];
  readonly retry: RetryPolicy;
  readonly timeouts: Timeouts;
  /** Which calls the route is for; undefined: all. */
  readonly when?: Expression;
  /** The route of the same name for all other calls. */
  readonly otherwise?: Route;
  readonly constraints?: Constraints;
  readonly rules?: readonly Rule[];
  /** Undefined: ORDERED. */
  readonly strategy?: Strategy;
  readonly fallback?: FallbackPolicy;
  /** Undefined: no target is ever left alone. */
  readonly outliers?: OutlierPolicy;
  /** Undefined: any number of calls at once. */
  readonly limits?: TargetLimits;
}
