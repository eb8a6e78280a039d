import type { RetryBudget } from './route.ts';

/** Keeps the retries of routes within their budgets, as Envoy's retry budget does. */
export interface RetryGate {
  /** A call of the route begins; the function that it gives back ends it. */
  enter(route: string): () => void;
  /** For the retries of one call, one at a time. */
  permit(route: string, budget: RetryBudget | undefined): RetryPermit;
}

export interface RetryPermit {
  /** Gives back the place of the retry before, if any, and takes one for another; false where none is left. */
  take(): boolean;
  /** Gives the place back. To be called once the call makes no more retries. */
  free(): void;
}

interface Counts {
  calls: number;
  retries: number;
}

export function createRetryGate(): RetryGate {
  const routes = new Map<string, Counts>();
  const countsOf = (route: string): Counts => {
    const counts = routes.get(route) ?? { calls: 0, retries: 0 };
    routes.set(route, counts);
    return counts;
  };
  return {
    enter(route) {
      const counts = countsOf(route);
      counts.calls += 1;
      return () => {
        counts.calls -= 1;
        if (counts.calls === 0) routes.delete(route);
      };
    },
    permit(route, budget) {
      let held: Counts | undefined;
      const free = (): void => {
        if (held !== undefined) held.retries -= 1;
        held = undefined;
      };
      return {
        take() {
          free();
          const counts = countsOf(route);
          if (budget !== undefined && counts.retries >= mostRetries(counts.calls, budget)) return false;
          counts.retries += 1;
          held = counts;
          return true;
        },
        free,
      };
    },
  };
}

function mostRetries(calls: number, { percent, minConcurrency }: RetryBudget): number {
  return Math.max(minConcurrency, Math.floor((calls * percent) / 100));
}
