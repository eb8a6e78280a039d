import type { Random } from '../core/random.ts';
import type { Behaviour } from './behaviour.ts';
import type { FaultUse } from './faults/fault.ts';

/** Decides for each request whether its faults strike. */
export interface FaultDice {
  /** The faults that strike a request for this model; model is its name with the query. */
  roll(behaviour: Behaviour, model: string): readonly FaultUse[];
}

export function createFaultDice(random: Random): FaultDice {
  const struck = new Map<string, number>();
  return {
    roll({ faults, faultRate, faultFirst }, model) {
      if (faults.length === 0) return [];
      if (faultRate < 1 && random.next() >= faultRate) return [];
      const before = struck.get(model) ?? 0;
      if (before >= faultFirst) return [];
      if (faultFirst < Infinity) struck.set(model, before + 1);
      return faults;
    },
  };
}
