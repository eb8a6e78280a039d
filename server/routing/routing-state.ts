import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { type CredentialRests, createCredentialRests } from './credential-rests.ts';
import { createDrills, type Drills } from './drills.ts';
import { createLocalHealth } from './local-health.ts';
import { createRetryGate, type RetryGate } from './retry-gate.ts';
import { createRotation, type Rotation } from './rotation.ts';
import type { TargetAddress, TargetHealth } from './target-health.ts';
import { createTargetQueue, type TargetQueue } from './target-queue.ts';

/** What routing remembers from call to call. */
export interface RoutingState {
  readonly health: TargetHealth;
  readonly rotation: Rotation;
  readonly retryGate: RetryGate;
  readonly drills: Drills;
  readonly queue: TargetQueue;
  readonly credentials: CredentialRests;
}

/** All of it in this process's memory. */
export function createRoutingState(clock: Clock, random: Random): RoutingState {
  const health = createLocalHealth({ clock, random, onEnd: (target) => queue.freed(target) });
  const inFlight = (target: TargetAddress): number => health.figures(target).inFlight;
  const queue: TargetQueue = createTargetQueue(clock, inFlight);
  return {
    health,
    rotation: createRotation(),
    retryGate: createRetryGate(),
    drills: createDrills(clock),
    queue,
    credentials: createCredentialRests(clock, random),
  };
}
