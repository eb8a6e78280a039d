import { hash } from 'node:crypto';

/**
 * Orders units for a key by rendezvous hashing (Thaler and Ravishankar, 1998), weighted by -w/ln(u): the same key gets the
 * same order, and when a unit leaves, only the keys that it came first for move.
 */
export function rendezvousOrder<U extends { readonly name: string; readonly weight: number }>(
  units: readonly U[],
  key: string,
): readonly U[] {
  return units
    .map((unit) => ({ unit, score: unit.weight / -Math.log(unitInterval(`${key}\0${unit.name}`)) }))
    .sort((left, right) => right.score - left.score)
    .map(({ unit }) => unit);
}

/** Evenly between 0 and 1, both excluded. */
function unitInterval(text: string): number {
  const bits = Number.parseInt(hash('sha256', text, 'hex').slice(0, 12), 16);
  return (bits + 0.5) / 2 ** 48;
}
