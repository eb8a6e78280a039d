import { DataCollection, type RoutingPreferences, RoutingSort } from '../../gen/sluice/v1/gateway_pb.ts';
import { nanoUsdPerMillion } from './nano-price.ts';
import type { Constraints, StrategyType } from './route.ts';

/** What a caller prefers, in the evaluator's own terms. */
export interface Preferences {
  readonly constraints: Constraints;
  readonly order: readonly string[];
  readonly only: readonly string[];
  readonly ignore: readonly string[];
  /** False cuts the plan to its first target; undefined leaves that to the route. */
  readonly allowFallbacks: boolean | undefined;
  readonly sort: StrategyType | undefined;
  /** Whether what a request asks for must be known of a model. */
  readonly requireParameters: boolean;
}

const SORTS: Readonly<Record<RoutingSort, StrategyType | undefined>> = {
  [RoutingSort.UNSPECIFIED]: undefined,
  [RoutingSort.PRICE]: 'PRICE',
  [RoutingSort.THROUGHPUT]: 'THROUGHPUT',
  [RoutingSort.LATENCY]: 'LATENCY',
};

/** Constraints that a caller adds stand beside the route's, so they can only narrow. */
export function readPreferences(given: RoutingPreferences | undefined): Preferences | undefined {
  if (given === undefined) return undefined;
  const { prompt, completion } = given.maxPrice ?? {};
  return {
    constraints: {
      source: 'preferences',
      denyDataCollection: given.dataCollection === DataCollection.DENY,
      zeroDataRetention: given.zeroDataRetention,
      ...(prompt !== undefined && { maxInputPrice: nanoUsdPerMillion(prompt) }),
      ...(completion !== undefined && { maxOutputPrice: nanoUsdPerMillion(completion) }),
    },
    order: given.order,
    only: given.only,
    ignore: given.ignore,
    allowFallbacks: given.allowFallbacks,
    sort: SORTS[given.sort],
    requireParameters: given.requireParameters,
  };
}
