import type { Random } from '../core/random.ts';
import { type Candidate, isEligible } from './candidate.ts';
import { orderUnits, type Placed, type Unit } from './order-units.ts';
import type { Route, Strategy, StrategyType, Target } from './route.ts';
import type { Branch, TreeNode } from './route-tree.ts';
import type { Variables } from './variables.ts';

/** What an order hangs on besides the tree. */
export interface Ordering {
  readonly stream: boolean;
  /** The caller's own wish, in the place of each route's strategy. */
  readonly sort: StrategyType | undefined;
  readonly random: () => Random;
  readonly turn: (route: string) => number;
  readonly variables: Variables;
  readonly note: (text: string) => void;
}

/** A child of a route with the eligible candidates below it, ordered. */
interface ReadyUnit extends Unit {
  readonly ready: readonly Candidate[];
}

const AS_LISTED: Strategy = { type: 'ORDERED', choices: 'all' };

/** The eligible candidates of a tree in the order in which they are tried. Notes probability and score on them. */
export function orderTree(branch: Branch, ordering: Ordering): readonly Candidate[] {
  const groups = Map.groupBy(branch.children, ({ entry }) => entry?.priority ?? 0);
  const priorities = [...groups.keys()].sort((left, right) => left - right);
  const strategy = strategyOf(branch, ordering.sort);
  const stickyKey = ordering.sort === undefined ? stickyKeyOf(strategy, branch.route, ordering) : undefined;
  let isFirst = true;
  return priorities.flatMap((priority) => {
    const units = (groups.get(priority) ?? []).flatMap((child) => readyUnit(child, ordering));
    if (units.length === 0) return [];
    const { stream, random, turn } = ordering;
    const placed = orderUnits(units, { strategy, stream, stickyKey, random, turn: () => turn(branch.route.name) });
    for (const each of placed) weigh(each, isFirst);
    isFirst = false;
    return placed.flatMap(({ unit }) => unit.ready);
  });
}

function strategyOf({ route, rule }: Branch, sort: StrategyType | undefined): Strategy {
  const own = rule?.strategy ?? route.strategy ?? AS_LISTED;
  return sort === undefined ? own : { ...own, type: sort };
}

function stickyKeyOf({ stickyBy }: Strategy, route: Route, { variables, note }: Ordering): string | undefined {
  if (stickyBy === undefined) return undefined;
  const result = stickyBy.evaluate(variables);
  if (result.kind === 'error') note(`${stickyBy.source}: ${result.message}`);
  if (result.kind === 'error' || typeof result.value !== 'string' || result.value === '') return undefined;
  return `${route.name}\0${result.value}`;
}

/** Another route stands with the figures of the candidate that would be tried first there. */
function readyUnit(child: TreeNode, ordering: Ordering): readonly ReadyUnit[] {
  const ready = child.kind === 'branch' ? orderTree(child, ordering) : [child.candidate].filter(isEligible);
  const first = ready[0];
  if (first === undefined) return [];
  if (child.kind === 'leaf') first.probability = 1;
  const entry: Target = child.entry ?? first.target;
  const { figures, maxCostNanoUsd } = first;
  return [{ name: entry.name, weight: entry.weight ?? 1, figures, maxCostNanoUsd, ready }];
}

/** The chance of a candidate is its own within its unit times the unit's. Only the first group can come first. */
function weigh({ unit, probability, score }: Placed<ReadyUnit>, isFirst: boolean): void {
  for (const candidate of unit.ready) {
    candidate.probability *= isFirst ? probability : 0;
    if (score !== undefined && Number.isFinite(score)) candidate.score ??= score;
  }
}
