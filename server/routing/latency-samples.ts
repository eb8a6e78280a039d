const SAMPLES = 64;
const MIN_SAMPLES = 8;

/** The latest of some latencies, in milliseconds. */
export interface LatencySamples {
  add(elapsedMs: number): void;
  /** What so large a share of them is within, from 0 to 1; undefined where there are too few. */
  within(share: number): number | undefined;
}

export function createLatencySamples(): LatencySamples {
  const latest: number[] = [];
  return {
    add(elapsedMs) {
      latest.push(elapsedMs);
      if (latest.length > SAMPLES) latest.shift();
    },
    within(share) {
      if (latest.length < MIN_SAMPLES) return undefined;
      return latest.toSorted((left, right) => left - right)[Math.ceil(latest.length * share) - 1];
    },
  };
}
