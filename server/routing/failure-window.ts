/** Slices of a window: the oldest is dropped as a whole. */
const SLICES = 10;

interface Slice {
  readonly number: number;
  total: number;
  failed: number;
}

/** How many attempts of the latest while there were, and how many failed. */
export interface FailureWindow {
  add(nowMs: number, failed: boolean): void;
  read(nowMs: number): { readonly total: number; readonly failed: number };
}

/** Counts within the latest `windowMs`, to a tenth of it. */
export function createFailureWindow(windowMs: number): FailureWindow {
  const slices: Slice[] = [];
  const sliceMs = windowMs / SLICES;
  const dropOld = (nowMs: number): number => {
    const current = Math.floor(nowMs / sliceMs);
    // A clock that has gone back leaves slices of the future behind, which are as good as old.
    while (slices[0] !== undefined && (slices[0].number <= current - SLICES || slices[0].number > current))
      slices.shift();
    return current;
  };
  return {
    add(nowMs, failed) {
      const number = dropOld(nowMs);
      let last = slices.at(-1);
      if (last?.number !== number) {
        last = { number, total: 0, failed: 0 };
        slices.push(last);
      }
      last.total += 1;
      if (failed) last.failed += 1;
    },
    read(nowMs) {
      dropOld(nowMs);
      let total = 0;
      let failed = 0;
      for (const slice of slices) {
        total += slice.total;
        failed += slice.failed;
      }
      return { total, failed };
    },
  };
}
