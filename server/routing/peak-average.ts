/** After so long without a sample, an average has lost two thirds of what it was. */
const DECAY_MS = 10_000;

/** An average that jumps to peaks at once and decays from them: the PeakEWMA of Twitter's Finagle. */
export interface PeakAverage {
  observe(nowMs: number, sample: number): void;
  /** Undefined before the first sample. Without samples it falls, so that a slow target is tried again some time. */
  read(nowMs: number): number | undefined;
}

export function createPeakAverage(): PeakAverage {
  let value: number | undefined;
  let at = 0;
  const read = (nowMs: number): number | undefined =>
    value === undefined ? undefined : value * Math.exp(-Math.max(nowMs - at, 0) / DECAY_MS);
  return {
    observe(nowMs, sample) {
      const weight = Math.exp(-Math.max(nowMs - at, 0) / DECAY_MS);
      value = value === undefined || sample > value ? sample : value * weight + sample * (1 - weight);
      at = nowMs;
    },
    read,
  };
}
