import type { Random } from '../core/random.ts';
import type { Candidate } from './candidate.ts';
import { createChance } from './chance.ts';
import { constraintRejections, hard, isNamed, listRejections, requestRejections } from './filters.ts';
import type { ModelFactsBook } from './model-facts.ts';
import { orderTree } from './order-tree.ts';
import type { Preferences } from './preferences.ts';
import type { RequestView } from './request-view.ts';
import type { FallbackPolicy, Route, Target } from './route.ts';
import { buildTree, leavesOf } from './route-tree.ts';
import { relaxSoft, stateRejections } from './soft-filters.ts';
import type { TargetHealth } from './target-health.ts';
import { type CallIdentity, callVariables, holds, targetVariables, type Variables } from './variables.ts';

/** What is known of the call that a plan is for. */
export interface PlanQuestion {
  readonly route: Route;
  readonly request: RequestView;
  readonly identity: CallIdentity;
  readonly preferences: Preferences | undefined;
}

/** What a plan hangs on besides the call and its route. Reading it changes nothing but `seed` and `turn`, where they count. */
export interface PlanWorld {
  /** For targets that name another route. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly factsOf: ModelFactsBook;
  readonly health: TargetHealth;
  /** Where draws begin, 32 bits. Asked for only where chance decides. */
  readonly seed: () => number;
  /** Whose turn it is on a route. Asked for only with ROUND_ROBIN. */
  readonly turn: (route: string) => number;
}

/** Where a call goes, and why. */
export interface CallPlan {
  /** In the order in which they are tried, each once, named as decisions show them; empty where none may take the call. */
  readonly targets: readonly Target[];
  /** The route's rule that matched; empty where none did. */
  readonly rule: string;
  readonly candidates: readonly Candidate[];
  /** Undefined where chance had no part. */
  readonly seed: number | undefined;
  readonly fallback: FallbackPolicy | undefined;
  /** Expressions that could not be evaluated and what was relaxed, for people. */
  readonly notes: readonly string[];
}

/**
 * Decides where a call goes. The same question in the same world gives the same plan, for live calls and for Explain:
 * candidates, filters with a reason for each one dropped, soft ones relaxed where they would leave nothing, then the order.
 */
export function planCall(question: PlanQuestion, world: PlanWorld): CallPlan {
  const { request, identity, preferences } = question;
  const notes: string[] = [];
  const note = (text: string): void => {
    if (!notes.includes(text)) notes.push(text);
  };
  const variables = callVariables(request, identity);
  const tree = buildTree(question, world, { variables, note });
  const candidates = leavesOf(tree).map(({ candidate }) => candidate);
  for (const candidate of candidates) filter(candidate, question, { world, variables, note });
  const relaxed = relaxSoft(candidates, question.route.outliers?.maxEjectionPercent);
  for (const code of relaxed) note(`${code} is relaxed: it would leave no target`);
  const chance = createChance(world.seed);
  const ordered = orderTree(tree, {
    stream: request.stream,
    sort: preferences?.sort,
    random: (): Random => chance.random(),
    turn: once(world.turn),
    variables,
    note,
  });
  const wanted = preferred(eachTargetOnce(ordered), preferences);
  const fallback = tree.rule?.fallback ?? question.route.fallback;
  const single =
    preferences?.allowFallbacks === false ||
    fallback?.allowed === false ||
    (request.stream && fallback?.streams === false);
  const tried = single ? wanted.slice(0, 1) : wanted;
  return {
    targets: tried.map(({ target, name }) => (target.name === name ? target : { ...target, name })),
    rule: tree.rule?.name ?? '',
    candidates,
    seed: chance.seed(),
    fallback,
    notes,
  };
}

interface Filtering {
  readonly world: PlanWorld;
  readonly variables: Variables;
  readonly note: (text: string) => void;
}

/** Puts all that speaks against a candidate onto it. */
function filter(candidate: Candidate, question: PlanQuestion, { world, variables, note }: Filtering): void {
  const { request, preferences, identity } = question;
  const { rejections, target } = candidate;
  rejections.push(
    ...constraintRejections(candidate, request),
    ...requestRejections(candidate, request, preferences?.requireParameters ?? false),
  );
  for (const { source, predicate } of candidate.constraints) {
    if (predicate === undefined) continue;
    if (holds(predicate, targetVariables(variables, target, candidate.facts), note)) continue;
    rejections.push(hard('PREDICATE', `${source}.predicate`, [predicate.source, 'false']));
  }
  const { limits } = question.route;
  rejections.push(...stateRejections(candidate, { health: world.health, nowMs: identity.nowMs, limits }));
  if (preferences !== undefined) rejections.push(...listRejections(candidate, preferences));
}

/** A route that is named twice gives its targets twice; trying one again is what retries are for. */
function eachTargetOnce(ordered: readonly Candidate[]): readonly Candidate[] {
  const seen = new Set<Target>();
  return ordered.filter(({ target }) => !seen.has(target) && seen.add(target));
}

/** Moves what the caller wants first to the front. */
function preferred(ordered: readonly Candidate[], preferences: Preferences | undefined): readonly Candidate[] {
  if (preferences === undefined || preferences.order.length === 0) return ordered;
  const first = preferences.order.flatMap((name) => ordered.filter((candidate) => isNamed(candidate, name)));
  return [...new Set([...first, ...ordered])];
}

function once(turn: PlanWorld['turn']): PlanWorld['turn'] {
  const taken = new Map<string, number>();
  return (route) => {
    const known = taken.get(route) ?? turn(route);
    taken.set(route, known);
    return known;
  };
}
