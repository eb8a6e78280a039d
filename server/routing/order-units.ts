import type { Random } from '../core/random.ts';
import type { Strategy } from './route.ts';
import { rendezvousOrder } from './sticky.ts';
import type { TargetFigures } from './target-health.ts';

/** Something that a strategy orders: a target, or another route as a whole. */
export interface Unit {
  readonly name: string;
  readonly weight: number;
  readonly figures: TargetFigures;
  readonly maxCostNanoUsd: bigint | undefined;
}

/** What an order hangs on besides the units. */
export interface OrderInput {
  readonly strategy: Strategy;
  readonly stream: boolean;
  /** What the call shares with others that shall go the same way; undefined where it shares nothing. */
  readonly stickyKey: string | undefined;
  /** Asked for only where chance decides. */
  readonly random: () => Random;
  /** Whose turn it is. Asked for only with ROUND_ROBIN. */
  readonly turn: () => number;
}

/** A unit in its place. */
export interface Placed<U extends Unit> {
  readonly unit: U;
  /** How likely it was to come first, before chance drew. */
  readonly probability: number;
  /** What was compared; the least is best. */
  readonly score: number | undefined;
}

/** Orders units of one priority. All of them come back, each once. */
export function orderUnits<U extends Unit>(units: readonly U[], input: OrderInput): readonly Placed<U>[] {
  if (input.stickyKey !== undefined) return certain(rendezvousOrder(units, input.stickyKey));
  switch (input.strategy.type) {
    case 'ORDERED':
      return certain(units);
    case 'WEIGHTED':
      return weighted(units, input.random);
    case 'ROUND_ROBIN':
      return byTurns(units, input.turn());
    case 'PEAK_EWMA':
      return input.strategy.choices === 'two'
        ? bestOfTwo(units, scores(units, input), input.random)
        : byScore(units, scores(units, input), input.random);
    default:
      return byScore(units, scores(units, input), input.random);
  }
}

function certain<U extends Unit>(units: readonly U[]): readonly Placed<U>[] {
  return units.map((unit, at) => ({ unit, probability: at === 0 ? 1 : 0, score: undefined }));
}

/** Draws without putting back, after Efraimidis and Spirakis (2006): the order by -ln(u)/w. */
function weighted<U extends Unit>(units: readonly U[], random: () => Random): readonly Placed<U>[] {
  const total = units.reduce((sum, { weight }) => sum + weight, 0);
  const chance = random();
  const drawn = units.map((unit) => {
    const probability = total === 0 ? 1 / units.length : unit.weight / total;
    const key = -Math.log(1 - chance.next());
    return {
      unit,
      probability,
      score: undefined,
      key: total === 0 ? key : byWeight(key, unit.weight),
      tie: chance.next(),
    };
  });
  return drawn.sort((left, right) => compare(left.key, right.key) || left.tie - right.tie);
}

function byTurns<U extends Unit>(units: readonly U[], turn: number): readonly Placed<U>[] {
  const start = turn % units.length;
  const turned = [...units.slice(start), ...units.slice(0, start)];
  return turned.map((unit) => ({ unit, probability: 1 / units.length, score: undefined }));
}

/** The least score first; equal ones in an order drawn by chance. */
function byScore<U extends Unit>(
  units: readonly U[],
  scoreOf: ReadonlyMap<U, number>,
  random: () => Random,
): readonly Placed<U>[] {
  const scored = units.map((unit) => ({ unit, score: scoreOf.get(unit) ?? Number.POSITIVE_INFINITY, tie: 0 }));
  const least = Math.min(...scored.map(({ score }) => score));
  const best = scored.filter(({ score }) => score === least).length;
  if (new Set(scored.map(({ score }) => score)).size < scored.length) {
    const chance = random();
    for (const each of scored) each.tie = chance.next();
  }
  scored.sort((left, right) => compare(left.score, right.score) || left.tie - right.tie);
  return scored.map(({ unit, score }) => ({ unit, score, probability: score === least ? 1 / best : 0 }));
}

/** Two drawn by chance, the better of them first; the rest by score, as they would be fallen back to. */
function bestOfTwo<U extends Unit>(
  units: readonly U[],
  scoreOf: ReadonlyMap<U, number>,
  random: () => Random,
): readonly Placed<U>[] {
  const sorted = byScore(units, scoreOf, random);
  const count = sorted.length;
  if (count < 2) return sorted;
  const chance = random();
  const first = Math.floor(chance.next() * count);
  const other = Math.floor(chance.next() * (count - 1));
  const winner = Math.min(first, other >= first ? other + 1 : other);
  // Of n equal chances, the one at rank k wins against the n-k below it.
  const ranked = sorted.map((placed, at) => ({
    ...placed,
    probability: (2 * (count - 1 - at)) / (count * (count - 1)),
  }));
  return [...ranked.slice(winner, winner + 1), ...ranked.slice(0, winner), ...ranked.slice(winner + 1)];
}

/** What the strategy compares, the least being best. What was not seen counts as the median of what was. */
function scores<U extends Unit>(units: readonly U[], { strategy, stream }: OrderInput): ReadonlyMap<U, number> {
  const signal = strategy.signal ?? (stream ? 'ttft' : 'total');
  const latencyOf = ({ figures }: Unit) => (signal === 'ttft' ? figures.firstContentMs : figures.msPerToken);
  switch (strategy.type) {
    case 'LEAST_IN_FLIGHT':
      return new Map(units.map((unit) => [unit, byWeight(unit.figures.inFlight + 1, unit.weight)]));
    case 'LATENCY':
      return filled(units, latencyOf);
    case 'THROUGHPUT':
      return filled(units, ({ figures: { tokensPerSecond: rate } }) => (rate === undefined ? undefined : -rate));
    case 'PRICE':
      return new Map(units.map((unit) => [unit, Number(unit.maxCostNanoUsd ?? Number.POSITIVE_INFINITY)]));
    default: {
      const latency = filled(units, latencyOf);
      const costOf = (unit: U): number => byWeight((latency.get(unit) ?? 1) * (unit.figures.inFlight + 1), unit.weight);
      return new Map(units.map((unit) => [unit, costOf(unit)]));
    }
  }
}

function filled<U extends Unit>(units: readonly U[], read: (unit: Unit) => number | undefined): ReadonlyMap<U, number> {
  const known = units.flatMap((unit) => read(unit) ?? []).sort((left, right) => left - right);
  const median = known[Math.floor(known.length / 2)] ?? 1;
  return new Map(units.map((unit) => [unit, read(unit) ?? median]));
}

/** A weight of 0 comes after all others, also where there is nothing to divide. */
function byWeight(cost: number, weight: number): number {
  return weight === 0 ? Number.POSITIVE_INFINITY : cost / weight;
}

/** Infinity is equal to itself here, which subtraction would not say. */
function compare(left: number, right: number): number {
  return left === right ? 0 : left - right;
}
