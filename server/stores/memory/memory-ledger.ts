import type { CallLedger, OpenedCall, SettledCall } from '../../limits/call-ledger.ts';

/** What MemoryLedger shows besides the port. */
export interface MemoryLedger extends CallLedger {
  /** Calls opened and not settled. */
  readonly openCalls: ReadonlyMap<string, OpenedCall>;
  /** The newest settled calls, oldest first. */
  readonly settled: readonly SettledCall[];
}

/** How many settled calls are kept. */
const KEPT = 1000;

/** Records in memory: gone with the process. */
export function createMemoryLedger(): MemoryLedger {
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
      if (!openCalls.delete(call.requestId)) return;
      settled.push(call);
      if (settled.length > KEPT) settled.shift();
    },
  };
}
