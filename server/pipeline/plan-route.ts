import type { RoutingPreferences } from '../../gen/sluice/v1/gateway_pb.ts';
import type { Snapshot } from '../config/snapshot.ts';
import { type CallPlan, type PlanQuestion, type PlanWorld, planCall } from '../routing/plan-call.ts';
import { readPreferences } from '../routing/preferences.ts';
import { resolveRoute } from '../routing/resolve-route.ts';
import type { Route } from '../routing/route.ts';
import { callVariables, holds } from '../routing/variables.ts';
import { modelFactsOf } from './model-facts-of.ts';

/** A call whose route is not known yet. */
export type AskedCall = Pick<PlanQuestion, 'request' | 'identity'>;

/** The route that a call's model name means to it; undefined where it means nothing. */
export function meantRoute(snapshot: Snapshot, { request, identity }: AskedCall): Route | undefined {
  let variables: ReturnType<typeof callVariables> | undefined;
  return resolveRoute(snapshot, request.model, ({ when }) => {
    if (when === undefined) return true;
    variables ??= callVariables(request, identity);
    return holds(when, variables, () => {});
  });
}

/** Plans a call along its route: live calls and Explain come here alike. */
export function planRoute(
  snapshot: Snapshot,
  asked: AskedCall & { readonly route: Route; readonly preferences: RoutingPreferences | undefined },
  world: Pick<PlanWorld, 'health' | 'seed' | 'turn'>,
): CallPlan {
  return planCall(
    { ...asked, preferences: readPreferences(asked.preferences) },
    { ...world, routes: snapshot.routes, factsOf: modelFactsOf(snapshot) },
  );
}
