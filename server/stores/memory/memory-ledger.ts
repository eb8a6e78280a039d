import type { CallLedger, OpenedCall, SettledCall } from '../../limits/call-ledger.ts';

/** What MemoryLedger shows besides the port. */
export interface MemoryLedger extends CallLedger {
  /** Calls opened and not settled. */
  readonly openCalls: ReadonlyMap<string, OpenedCall>;
  /** The newest settled calls, oldest first. */
  readonly settled: readonly SettledCall[];
}

/**
 * Records in memory: gone with the process. kept: how many settled calls stay for whoever looks at them; each one outlives
 * what the garbage collector clears cheaply, so a gateway that nobody looks into keeps none.
 */
export function createMemoryLedger({ kept = 0 }: { readonly kept?: number } = {}): MemoryLedger {
  const openCalls = new Map<string, OpenedCall>();
  const settled: SettledCall[] = [];
  return {
    openCalls,
    settled,
    async open(call) {
      openCalls.set(call.requestId, call);
    },
    async dispatch() {},
    async settle(call) {
      if (!openCalls.delete(call.requestId) || kept === 0) return;
      settled.push(call);
      if (settled.length > kept) settled.shift();
    },
  };
}
