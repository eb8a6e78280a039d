import type { Candidate, Rejection } from './candidate.ts';
import { hard } from './filters.ts';
import type { ModelFacts } from './model-facts.ts';
import type { PlanQuestion, PlanWorld } from './plan-call.ts';
import type { RequestView } from './request-view.ts';
import type { Constraints, Route, Rule, Target } from './route.ts';
import { holds, targetVariables, type Variables } from './variables.ts';

/** A target in its place. */
export interface Leaf {
  readonly kind: 'leaf';
  /** As the route lists it: its priority and weight count there. */
  readonly entry: Target;
  readonly candidate: Candidate;
}

/** A route in its place: the one that was asked for, or one that stands in the place of a target. */
export interface Branch {
  readonly kind: 'branch';
  /** Undefined for the route that was asked for. */
  readonly entry: Target | undefined;
  readonly route: Route;
  readonly rule: Rule | undefined;
  readonly children: readonly TreeNode[];
}

export type TreeNode = Leaf | Branch;

interface Reading {
  readonly variables: Variables;
  readonly note: (text: string) => void;
}

interface Growth extends Reading {
  readonly question: PlanQuestion;
  readonly world: PlanWorld;
}

/** What holds for everything below a node. */
interface Inherited {
  /** Names of the targets on the way here, with a slash at the end. */
  readonly prefix: string;
  readonly constraints: readonly Constraints[];
  readonly rejections: readonly Rejection[];
}

/** All targets of a route and of those that it names, with its rules applied. Circles have been refused at load. */
export function buildTree(question: PlanQuestion, world: PlanWorld, reading: Reading): Branch {
  const own = question.preferences?.constraints;
  return branch(question.route, undefined, {
    growth: { ...reading, question, world },
    inherited: { prefix: '', constraints: own === undefined ? [] : [own], rejections: [] },
  });
}

export function leavesOf(node: TreeNode): readonly Leaf[] {
  return node.kind === 'leaf' ? [node] : node.children.flatMap(leavesOf);
}

interface Place {
  readonly growth: Growth;
  readonly inherited: Inherited;
}

function branch(route: Route, entry: Target | undefined, { growth, inherited }: Place): Branch {
  const { variables, note } = growth;
  const rule = route.rules?.find(({ when }) => holds(when, variables, note));
  const constraints = route.constraints === undefined ? [] : [route.constraints];
  const below = { ...inherited, constraints: [...constraints, ...inherited.constraints] };
  const children = route.targets.flatMap((target): readonly TreeNode[] => {
    const rejections = [...below.rejections, ...entryRejections(target, rule, growth)];
    const place: Place = { growth, inherited: { ...below, rejections } };
    return target.route === undefined ? [leaf(target, place)] : nested(target, target.route, place);
  });
  return { kind: 'branch', entry, route, rule, children };
}

/** The route that a target names: of those of that name, the first that is for this call. */
function nested(entry: Target, name: string, { growth, inherited }: Place): readonly Branch[] {
  const { variables, note, world } = growth;
  const first = world.routes.get(name);
  let route = first;
  while (route?.when !== undefined && !holds(route.when, variables, note)) route = route.otherwise;
  const shown = route ?? first;
  if (shown === undefined) return [];
  const refused = hard('WHEN_FALSE', `routes["${name}"].when`, [shown.when?.source ?? '', 'false']);
  const rejections = route === undefined ? [...inherited.rejections, refused] : inherited.rejections;
  return [
    branch(shown, entry, {
      growth,
      inherited: { ...inherited, rejections, prefix: `${inherited.prefix}${entry.name}/` },
    }),
  ];
}

function leaf(target: Target, { growth, inherited }: Place): Leaf {
  const { world, question } = growth;
  const { provider, model } = target;
  const facts = world.factsOf({ provider, model, nowMs: question.identity.nowMs });
  const candidate: Candidate = {
    name: `${inherited.prefix}${target.name}`,
    target,
    constraints: inherited.constraints,
    facts,
    figures: world.health.figures(target),
    rejections: [...inherited.rejections],
    relaxed: new Set(),
    maxCostNanoUsd: maxCost(question.request, facts),
    probability: 0,
    score: undefined,
  };
  return { kind: 'leaf', entry: target, candidate };
}

function entryRejections(target: Target, rule: Rule | undefined, growth: Growth): readonly Rejection[] {
  const rejections: Rejection[] = [];
  if (rule?.targets !== undefined && !rule.targets.has(target.name)) {
    rejections.push(hard('RULE', rule.name, [[...rule.targets].join(', '), target.name]));
  }
  if (target.when !== undefined) {
    const { provider, model } = target;
    const nowMs = growth.question.identity.nowMs;
    const facts = target.route === undefined ? growth.world.factsOf({ provider, model, nowMs }) : undefined;
    if (!holds(target.when, targetVariables(growth.variables, target, facts), growth.note)) {
      rejections.push(hard('WHEN_FALSE', 'when', [target.when.source, 'false']));
    }
  }
  return rejections;
}

const TOKENS_PER_PRICE = 1_000_000n;

/** By the estimate of the input and the most output that the request, else the model, allows; rounded up. */
function maxCost(request: RequestView, facts: ModelFacts | undefined): bigint | undefined {
  const output = request.maxOutputTokens ?? facts?.maxOutputTokens;
  if (facts?.price === undefined || output === undefined) return undefined;
  const { input: inputPrice, output: outputPrice } = facts.price;
  const total = inputPrice * BigInt(request.estimatedInputTokens) + outputPrice * BigInt(output);
  return (total + TOKENS_PER_PRICE - 1n) / TOKENS_PER_PRICE;
}
