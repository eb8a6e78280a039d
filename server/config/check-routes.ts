import type { Route, Target } from '../../gen/sluice/config/v1/config_pb.ts';
import { checkRouteExpressions } from './check-routes-expressions.ts';
import { checkRouteReferences } from './check-routes-references.ts';
import { checkStrategy } from './check-routes-strategy.ts';
import { targetName } from './compile-route.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Finding } from './problems.ts';

/** What routes may refer to besides one another. */
export interface Referable {
  /** Names of providers. */
  readonly providers: readonly string[];
  /** Names of routes that are in force besides these, with the routes that each refers to. */
  readonly routes?: ReadonlyMap<string, readonly string[]>;
}

/** Checks each route by itself and what they refer to. */
export function checkRoutes(routes: readonly Route[], referable: Referable): readonly Finding[] {
  const providers = new Set(referable.providers);
  const own = routes.flatMap((route, index) =>
    checkRoute(route, providers).map(({ path, message }) => ({ path: `routes[${index}].${path}`, message })),
  );
  return [...takenNames(routes), ...own, ...checkRouteReferences(routes, referable)];
}

/** A name may come again while those before it have conditions: what comes after one without is never reached. */
function takenNames(routes: readonly Route[]): readonly Finding[] {
  const last = new Map<string, number>();
  return routes.flatMap(({ name, when }, index) => {
    const taken = last.get(name);
    if (taken === undefined && when === '') last.set(name, index);
    // An empty name is a problem of its own, told once.
    if (taken === undefined || name === '') return [];
    return [{ path: `routes[${index}].name`, message: `"${name}" is taken by routes[${taken}]` }];
  });
}

function checkRoute(route: Route, providers: ReadonlySet<string>): readonly Finding[] {
  return [
    ...route.targets.flatMap((target, index) => prefixed(`targets[${index}]`, checkTarget(target, providers))),
    ...checkStrategy(route.strategy, 'strategy'),
    ...route.rules.flatMap((rule, index) => [
      ...ruleTargets(route, rule.targets).map(({ path, message }) => ({ path: `rules[${index}].${path}`, message })),
      ...checkStrategy(rule.strategy, `rules[${index}].strategy`),
    ]),
    ...checkLatency(route),
    ...checkRouteExpressions(route),
  ];
}

function checkTarget(target: Target, providers: ReadonlySet<string>): readonly Finding[] {
  const { provider, model } = target;
  if (target.route !== '') {
    const beside = (['provider', 'model', 'region', 'quantization'] as const).filter((field) => target[field] !== '');
    const fields = [...beside, ...(Object.keys(target.labels).length > 0 ? ['labels'] : [])];
    return fields.map((path) => ({ path, message: 'stands beside route: that route has targets of its own' }));
  }
  const findings: Finding[] = [];
  if (provider === '') findings.push({ path: 'provider', message: 'is missing' });
  else if (!providers.has(provider)) {
    findings.push({
      path: 'provider',
      message: `no provider is named "${provider}"${didYouMean(provider, providers)}`,
    });
  }
  if (model === '') findings.push({ path: 'model', message: 'is missing' });
  return findings;
}

function ruleTargets(route: Route, wanted: readonly string[]): readonly Finding[] {
  const names = route.targets.map(targetName);
  return wanted.flatMap((name, index) => {
    const count = names.filter((known) => known === name).length;
    if (count === 1) return [];
    const message =
      count === 0 ? `no target here is named "${name}"${didYouMean(name, names)}` : `two targets are named "${name}"`;
    return [{ path: `targets[${index}]`, message }];
  });
}

function checkLatency({ constraints }: Route): readonly Finding[] {
  if (constraints?.maxLatency === undefined || constraints.maxLatency.ttftP95 !== undefined) return [];
  return [{ path: 'constraints.max_latency.ttft_p95', message: 'is missing' }];
}

function prefixed(prefix: string, findings: readonly Finding[]): readonly Finding[] {
  return findings.map(({ path, message }) => ({ path: `${prefix}.${path}`, message }));
}
