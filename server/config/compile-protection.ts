import type { Limits, OutlierDetection } from '../../gen/sluice/config/v1/routing_pb.ts';
import type { OutlierPolicy, TargetLimits } from '../routing/route.ts';
import { milliseconds } from './milliseconds.ts';

/** What keeps failing targets from being called, with the defaults that the contract names. */
export function compileOutliers(given: OutlierDetection | undefined): OutlierPolicy {
  return Object.freeze({
    consecutiveFailures: given?.consecutiveFailures ?? 5,
    failureRatio: given?.failureRatio ?? 0.5,
    minRequests: given?.minRequests ?? 20,
    windowMs: milliseconds(given?.window) ?? 60_000,
    baseEjectionMs: milliseconds(given?.baseEjection) ?? 15_000,
    maxEjectionMs: milliseconds(given?.maxEjection) ?? 300_000,
    maxEjectionPercent: given?.maxEjectionPercent ?? 50,
  });
}

/** What keeps targets from being called too often at once. */
export function compileLimits(given: Limits | undefined): { readonly limits?: TargetLimits } {
  if (given?.maxConcurrency === undefined) return {};
  const { maxConcurrency, maxQueue = 32 } = given;
  return {
    limits: Object.freeze({ maxConcurrency, maxQueue, queueTimeoutMs: milliseconds(given.queueTimeout) ?? 2000 }),
  };
}
