import {
  Jitter,
  type Retry as RetryMessage,
  type Route as RouteMessage,
  type Target as TargetMessage,
  type Timeouts as TimeoutsMessage,
} from '../../gen/sluice/config/v1/config_pb.ts';
import type { RetryPolicy, Route, Target, TargetTraits, Timeouts } from '../routing/route.ts';
import { compileChecked } from './compile-expression.ts';
import { compileConstraints, compileFallback, compileRule, compileStrategy } from './compile-policy.ts';
import { compileLimits, compileOutliers } from './compile-protection.ts';
import { compileTraits } from './compile-traits.ts';
import { milliseconds } from './milliseconds.ts';

/** The routes by their names, with the defaults that the contract names. Those that share a name follow one another. */
export function compileRoutes(
  routes: readonly RouteMessage[],
  providers: ReadonlyMap<string, TargetTraits>,
): ReadonlyMap<string, Route> {
  const byName = new Map<string, Route>();
  // Backwards, so that each knows the one that comes after it; the names are put back into the file's order.
  for (const route of routes.toReversed())
    byName.set(route.name, compileRoute(route, providers, byName.get(route.name)));
  return new Map(routes.flatMap(({ name }) => [[name, byName.get(name)] as const]).filter(isKnown));
}

function isKnown(entry: readonly [string, Route | undefined]): entry is readonly [string, Route] {
  return entry[1] !== undefined;
}

function compileRoute(
  route: RouteMessage,
  providers: ReadonlyMap<string, TargetTraits>,
  otherwise: Route | undefined,
): Route {
  const targets = route.targets.map((target) => compileTarget(target, providers.get(target.provider)));
  const ranked = route.targets.some(({ priority, weight }) => priority !== undefined || weight !== undefined);
  const when = compileChecked(route.when, 'call');
  return Object.freeze({
    name: route.name,
    targets: Object.freeze(targets),
    retry: compileRetry(route.retry, targets.length),
    timeouts: compileTimeouts(route.timeouts),
    ...(when !== undefined && { when }),
    ...(otherwise !== undefined && { otherwise }),
    ...(route.constraints !== undefined && { constraints: compileConstraints(route.constraints) }),
    ...(route.rules.length > 0 && { rules: Object.freeze(route.rules.map(compileRule)) }),
    // A plain list is tried in its order; who ranks targets wants the best of equals.
    ...((ranked || route.strategy !== undefined) && { strategy: compileStrategy(route.strategy) }),
    ...(route.fallback !== undefined && { fallback: compileFallback(route.fallback) }),
    outliers: compileOutliers(route.outlierDetection),
    ...compileLimits(route.limits),
  });
}

function compileTarget(target: TargetMessage, provider: TargetTraits | undefined): Target {
  const when = compileChecked(target.when, 'target');
  return Object.freeze({
    name: targetName(target),
    provider: target.provider,
    model: target.model,
    ...(target.route !== '' && { route: target.route }),
    ...(target.priority !== undefined && { priority: target.priority }),
    ...(target.weight !== undefined && { weight: target.weight }),
    ...(when !== undefined && { when }),
    ...(target.quantization !== '' && { quantization: target.quantization }),
    ...compileTraits(target, provider),
  });
}

/** How decisions and rules name a target. */
export function targetName({ name, provider, model, route }: TargetMessage): string {
  if (name !== '') return name;
  return route === '' ? `${provider}/${model}` : route;
}

/** What holds for a "provider/model" address, which has one target. */
export function compileDirectRoute(): Omit<Route, 'name' | 'targets'> {
  return Object.freeze({
    retry: compileRetry(undefined, 1),
    timeouts: compileTimeouts(undefined),
    outliers: compileOutliers(undefined),
  });
}

function compileRetry(retry: RetryMessage | undefined, targets: number): RetryPolicy {
  return Object.freeze({
    // With other targets to go to, trying the same one again only loses time.
    maxAttemptsPerTarget: retry?.maxAttemptsPerTarget ?? (targets === 1 ? 3 : 1),
    backoffBaseMs: milliseconds(retry?.backoff?.base) ?? 250,
    backoffMaxMs: milliseconds(retry?.backoff?.max) ?? 8_000,
    jitter: retry?.backoff?.jitter === Jitter.NONE ? 'none' : 'full',
    honorRetryAfter: retry?.honorRetryAfter ?? true,
    maxRetryAfterMs: milliseconds(retry?.maxRetryAfter) ?? 20_000,
    budget: Object.freeze({
      percent: retry?.budget?.percent ?? 20,
      minConcurrency: retry?.budget?.minConcurrency ?? 3,
    }),
  });
}

function compileTimeouts(timeouts: TimeoutsMessage | undefined): Timeouts {
  const totalMs = milliseconds(timeouts?.total) ?? 600_000;
  return Object.freeze({
    totalMs,
    perTryMs: milliseconds(timeouts?.perTry) ?? totalMs,
    firstContentMs: milliseconds(timeouts?.ttft) ?? 120_000,
    idleMs: milliseconds(timeouts?.streamIdle) ?? 60_000,
    connectMs: milliseconds(timeouts?.connect) ?? 10_000,
  });
}
