import type { Clock } from '../core/clock.ts';
import { createLocalHealth } from './local-health.ts';
import { createRetryGate, type RetryGate } from './retry-gate.ts';
import { createRotation, type Rotation } from './rotation.ts';
import type { TargetHealth } from './target-health.ts';

/** What routing remembers from call to call. */
export interface RoutingState {
  readonly health: TargetHealth;
  readonly rotation: Rotation;
  readonly retryGate: RetryGate;
}

/** All of it in this process's memory. */
export function createRoutingState(clock: Clock): RoutingState {
  return { health: createLocalHealth(clock), rotation: createRotation(), retryGate: createRetryGate() };
}
