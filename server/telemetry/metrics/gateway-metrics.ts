import type { Clock } from '../../core/clock.ts';
import type { CallLedger } from '../../limits/call-ledger.ts';
import type { TargetHealth } from '../../routing/target-health.ts';
import { createBoundedAddresses, createBoundedNames } from './bounded-names.ts';
import { createGenAiMetrics } from './gen-ai-metrics.ts';
import type { Metric } from './instrument.ts';
import { createSluiceMetrics } from './sluice-metrics.ts';

/** All that the gateway counts of itself. */
export interface GatewayMetrics {
  /** The same ledger, whose calls are counted as they are settled: the one place that sees how every call ended. */
  metered(ledger: CallLedger): CallLedger;
  read(): readonly Metric[];
}

/** Callers can make up models of providers: beyond so many, they count as "other". */
const MOST_NAMES = 500;

export function createGatewayMetrics(clock: Clock, health: Pick<TargetHealth, 'seen'>): GatewayMetrics {
  const model = createBoundedNames(MOST_NAMES);
  const genAi = createGenAiMetrics({ asked: createBoundedNames(MOST_NAMES), model });
  const own = createSluiceMetrics(createBoundedAddresses(MOST_NAMES));
  return {
    metered: (ledger) => ({
      async open(call) {
        await ledger.open(call);
        own.opened();
      },
      dispatch: (requestId, attempt) => ledger.dispatch(requestId, attempt),
      settle(call) {
        genAi.record(call);
        own.settled(call);
        return ledger.settle(call);
      },
    }),
    read: () => [...genAi.read(), ...own.read(health.seen(), clock.now())],
  };
}
