import { create } from '@bufbuild/protobuf';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { type RoutingPreferences, RoutingPreferencesSchema } from '../../gen/sluice/v1/gateway_pb.ts';
import { type Generation, GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import { MetadataSchema } from '../../gen/sluice/v1/metadata_pb.ts';
import { compileExpression, type Expression } from '../../server/core/expression.ts';
import type { ModelFacts } from '../../server/routing/model-facts.ts';
import { type CallPlan, planCall } from '../../server/routing/plan-call.ts';
import { readPreferences } from '../../server/routing/preferences.ts';
import { viewGeneration } from '../../server/routing/request-view.ts';
import type { Route, Strategy, Target } from '../../server/routing/route.ts';
import { NO_FIGURES, type TargetFigures } from '../../server/routing/target-health.ts';
import { CALL_SCOPE, TARGET_SCOPE } from '../../server/routing/variables.ts';
import { RETRY, TIMEOUTS } from '../support/pipeline.ts';

export const NOW = Date.UTC(2026, 10, 24);

export function target(name: string, more: Partial<Target> = {}): Target {
  return { name, provider: `p-${name}`, model: 'm', ...more };
}

export function routeOf(targets: readonly Target[], more: Partial<Route> = {}): Route {
  return { name: 'r', targets, retry: RETRY, timeouts: TIMEOUTS, ...more };
}

export function strategy(type: Strategy['type'], more: Partial<Strategy> = {}): Strategy {
  return { type, choices: 'all', ...more };
}

/** A condition on a call, or on a target where it reads one. */
export function condition(source: string, wanted: 'boolean' | 'string' = 'boolean'): Expression {
  const scope = source.includes('target.') ? TARGET_SCOPE : CALL_SCOPE;
  const compiled = compileExpression(source, scope, wanted);
  if (compiled.kind === 'bad') throw new Error(compiled.message);
  return compiled.expression;
}

export function generation(init: Partial<Omit<Generation, '$typeName'>> = {}): Generation {
  return create(GenerationSchema, {
    model: 'r',
    messages: [{ role: Role.USER, parts: [{ kind: { case: 'text', value: { text: 'Hello' } } }] }],
    ...init,
  });
}

export interface Situation {
  readonly route: Route;
  readonly generation?: Generation;
  readonly stream?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly preferences?: Partial<Omit<RoutingPreferences, '$typeName'>>;
  readonly routes?: readonly Route[];
  /** By the target's name without "p-", which is its provider's. */
  readonly facts?: Readonly<Record<string, ModelFacts>>;
  readonly figures?: Readonly<Record<string, Partial<TargetFigures>>>;
  readonly p95?: Readonly<Record<string, number>>;
  readonly seed?: number;
  readonly turn?: number;
  /** What a prompt is estimated at. */
  readonly tokens?: number;
}

const nameOf = (provider: string): string => provider.replace(/^p-/, '');

/** Plans a call as the gateway would. */
export function plan(situation: Situation): CallPlan {
  const { route, seed = 1, turn = 0, tokens = 10 } = situation;
  const request = viewGeneration(situation.generation ?? generation(), situation.stream ?? false, () => tokens);
  const identity = { metadata: create(MetadataSchema, { labels: situation.labels ?? {} }), keyId: 'app', nowMs: NOW };
  const given = situation.preferences;
  const preferences = readPreferences(given === undefined ? undefined : create(RoutingPreferencesSchema, given));
  return planCall(
    { route, request, identity, preferences },
    {
      routes: new Map((situation.routes ?? []).map((each) => [each.name, each])),
      factsOf: ({ provider }) => situation.facts?.[nameOf(provider)],
      health: {
        figures: ({ provider }) => ({ ...NO_FIGURES, ...situation.figures?.[nameOf(provider)] }),
        firstContentP95Ms: ({ provider }) => situation.p95?.[nameOf(provider)],
        usualAnswerMs: () => undefined,
        seen: () => [],
        begin: () => {
          throw new Error('a plan attempts nothing');
        },
      },
      seed: () => seed,
      turn: () => turn,
    },
  );
}

/** The plan's targets by name, in order. */
export function order(situation: Situation): readonly string[] {
  return plan(situation).targets.map(({ name }) => name);
}

/** What speaks against each candidate, as "CODE" or "CODE field". */
export function reasons(situation: Situation): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    plan(situation).candidates.map(({ name, rejections }) => [name, rejections.map(({ code }) => code)]),
  );
}
