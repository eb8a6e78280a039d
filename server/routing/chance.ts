import type { Random } from '../core/random.ts';
import { seededRandom } from './seeded-random.ts';

/** Chance that remembers what it began with, and whether it was needed at all. */
export interface Chance {
  random(): Random;
  /** Undefined while no chance was asked for. */
  seed(): number | undefined;
}

export function createChance(draw: () => number): Chance {
  let seed: number | undefined;
  let random: Random | undefined;
  return {
    random() {
      seed ??= draw() >>> 0;
      random ??= seededRandom(seed);
      return random;
    },
    seed: () => seed,
  };
}
