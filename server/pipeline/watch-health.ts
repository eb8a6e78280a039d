import { create } from '@bufbuild/protobuf';
import { durationFromMs, durationMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type GetTargetHealthRequest,
  type GetTargetHealthResponse,
  GetTargetHealthResponseSchema,
} from '../../gen/sluice/v1/routing_service_pb.ts';
import { type TargetHealth as HealthMessage, TargetHealthSchema } from '../../gen/sluice/v1/target_health_pb.ts';
import type { SnapshotHolder } from '../config/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import type { RoutingState } from '../routing/routing-state.ts';
import { NO_FIGURES, type SeenTarget } from '../routing/target-health.ts';
import { figuresMessage } from './candidate-message.ts';

export interface WatchHealthDeps {
  readonly config: SnapshotHolder;
  readonly clock: Clock;
  readonly routing: Pick<RoutingState, 'health'>;
}

const DEFAULT_INTERVAL_MS = 5000;

/**
 * How targets fare: those of the routes and those that have been called, then, at each interval, those that have changed, until
 * the signal aborts. That averages decay by themselves is no change.
 */
export async function* watchHealth(
  deps: WatchHealthDeps,
  { targets, interval, once }: GetTargetHealthRequest,
  signal: AbortSignal,
): AsyncGenerator<GetTargetHealthResponse, void> {
  const asked = new Set(targets);
  const told = new Map<string, string>();
  const news = (): HealthMessage[] => {
    const nowMs = deps.clock.now();
    return allTargets(deps).flatMap((target) => {
      const address = `${target.provider}/${target.model}`;
      if (asked.size > 0 && !asked.has(address) && !asked.has(target.provider)) return [];
      const state = stateOf(target, nowMs);
      if (told.get(address) === state) return [];
      told.set(address, state);
      return [message(target)];
    });
  };
  const intervalMs = interval === undefined ? DEFAULT_INTERVAL_MS : durationMs(interval);
  for (let first = true; !signal.aborted; first = false) {
    const changed = news();
    if (first || changed.length > 0) {
      const time = timestampFromMs(Math.round(deps.clock.now()));
      yield create(GetTargetHealthResponseSchema, { targets: changed, time });
    }
    if (once) return;
    await passed(deps.clock, intervalMs, signal);
  }
  signal.throwIfAborted();
}

/** In the order of their names. Those that were forgotten are told no more. */
function allTargets({ config, routing }: WatchHealthDeps): readonly SeenTarget[] {
  const all = new Map<string, SeenTarget>();
  for (const route of config.current().routes.values()) {
    for (const { provider, model } of route.targets) {
      if (provider === '') continue;
      const unseen = { provider, model, figures: NO_FIGURES, attempts: 0, failures: 0, ejections: 0 };
      all.set(`${provider}/${model}`, unseen);
    }
  }
  for (const seen of routing.health.seen()) all.set(`${seen.provider}/${seen.model}`, seen);
  return [...all].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, target]) => target);
}

/** What makes a difference worth telling. */
function stateOf({ figures, attempts, failures, ejections }: SeenTarget, nowMs: number): string {
  const { inFlight, throttledUntilMs, ejectedUntilMs } = figures;
  return [inFlight, attempts, failures, ejections, throttledUntilMs > nowMs, ejectedUntilMs > nowMs].join(' ');
}

function message({ provider, model, figures, attempts, failures, ejections }: SeenTarget): HealthMessage {
  const { msPerToken } = figures;
  return create(TargetHealthSchema, {
    provider,
    model,
    figures: figuresMessage(figures),
    ...(msPerToken !== undefined && { perToken: durationFromMs(Math.round(msPerToken)) }),
    attempts: BigInt(attempts),
    failures: BigInt(failures),
    ejections: BigInt(ejections),
  });
}

/** Resolves after so long, or when the signal aborts. */
function passed(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.stop();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.schedule(milliseconds, done);
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}
