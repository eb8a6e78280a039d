import type { Random } from '../core/random.ts';

/** A number from 0 to 2^32 - 1 that depends on the texts alone. FNV-1a, then the finisher of MurmurHash3. Not for secrets. */
export function hash32(...texts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const text of texts) {
    const whole = `${text}\u0000`;
    for (let i = 0; i < whole.length; i++) hash = Math.imul(hash ^ whole.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The item that the texts choose. The list holds at least one. */
export function choose<T>(items: readonly [T, ...T[]], ...texts: readonly (string | number)[]): T {
  return items[hash32(...texts) % items.length] ?? items[0];
}

/** Chance that repeats itself: mulberry32 by Tommy Ettinger. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}
