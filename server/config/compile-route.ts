import { type Duration, durationMs } from '@bufbuild/protobuf/wkt';
import {
  Jitter,
  type Retry as RetryMessage,
  type Route as RouteMessage,
  type Timeouts as TimeoutsMessage,
} from '../../gen/sluice/config/v1/config_pb.ts';
import type { RetryPolicy, Route, Timeouts } from '../routing/route.ts';

/** Compiles a route, with the defaults that config.proto names. */
export function compileRoute(route: RouteMessage): Route {
  const targets = route.targets.map(({ name, provider, model }) =>
    Object.freeze({ name: name === '' ? `${provider}/${model}` : name, provider, model }),
  );
  return Object.freeze({
    name: route.name,
    targets: Object.freeze(targets),
    retry: compileRetry(route.retry, targets.length),
    timeouts: compileTimeouts(route.timeouts),
  });
}

/** What holds for a "provider/model" address, which has one target. */
export function compileDirectRoute(): Omit<Route, 'name' | 'targets'> {
  return Object.freeze({ retry: compileRetry(undefined, 1), timeouts: compileTimeouts(undefined) });
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

function milliseconds(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : durationMs(duration);
}
