import { type Account, accountKey } from '../../server/limits/account.ts';
import type { Reservation, Resolution } from '../../server/limits/money-ledger.ts';

/** An account of a budget's one group in the window that begins at 0. */
export function account(budgetId: string, limit: bigint, more: Partial<Account> = {}): Account {
  const group = more.group ?? [];
  const windowStartMs = more.windowStartMs ?? 0;
  return {
    key: accountKey({ id: budgetId, epoch: 0, groupBy: [] }, group, windowStartMs),
    budgetId,
    group,
    windowStartMs,
    windowEndMs: windowStartMs + 1000,
    unit: 'NANO_USD',
    limit,
    hard: true,
    earlier: [],
    ...more,
  };
}

/** A reservation of as much on each account. */
export function reservation(
  id: string,
  accounts: readonly Account[],
  amount: bigint,
  more: Partial<Reservation> = {},
): Reservation {
  return {
    id,
    requestId: `req_${id}`,
    holds: accounts.map((one) => ({ account: one, amount })),
    boundNanoUsd: amount,
    priceVersion: 'v1',
    state: 'reserved',
    atMs: 100,
    leaseUntilMs: 1000,
    ...more,
  };
}

/** A charge. */
export function charge(id: string, nanoUsd: bigint | undefined, more: Partial<Resolution> = {}): Resolution {
  return { id, state: 'settled', nanoUsd, tokens: 7n, source: 'provider', atMs: 200, ...more };
}

export function voided(id: string): Resolution {
  return { id, state: 'voided', nanoUsd: 0n, tokens: 0n, source: 'provider', atMs: 200 };
}
