/** A model of a provider that calls can go to. Providers are named here and looked up in the snapshot. */
export interface Target {
  /** As decisions show it. */
  readonly name: string;
  readonly provider: string;
  /** In the provider's words. */
  readonly model: string;
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
}

/** How long is waited, in milliseconds. */
export interface Timeouts {
  readonly totalMs: number;
  readonly perTryMs: number;
  readonly firstContentMs: number;
  readonly idleMs: number;
  readonly connectMs: number;
}

/** A name that callers give as a model, compiled. */
export interface Route {
  /** Empty for a "provider/model" address. */
  readonly name: string;
  /** In the order in which they are tried; at least one. */
  readonly targets: readonly Target[];
  readonly retry: RetryPolicy;
  readonly timeouts: Timeouts;
}
