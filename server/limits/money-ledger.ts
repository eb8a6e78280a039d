import type { Account, Balance } from './account.ts';

/** A part of a reservation: so much, in the account's unit, held on it. */
export interface Hold {
  readonly account: Account;
  readonly amount: bigint;
}

/** Where a reservation stands. From `reserved` and `dispatched` it goes to one of the others, once. */
export type ReservationState =
  /** Held; nothing has been sent. */
  | 'reserved'
  /** Held; the provider may bill. */
  | 'dispatched'
  /** Charged. */
  | 'settled'
  /** Given back whole. */
  | 'voided'
  /** Its lease ran out after it was dispatched: charged by what was best known. */
  | 'settled_unknown';

/** What one attempt, or an agent's step, may cost at most, held until it is known. */
export interface Reservation {
  /** Unique. A second one of the same id does nothing and learns where the first one stands. */
  readonly id: string;
  /** The call or the agent's own reference that it belongs to. */
  readonly requestId: string;
  /** Each account at most once. */
  readonly holds: readonly Hold[];
  /** The most that it can cost, in nano-dollars; undefined where no price is known, which no caller lets a hard account hold. */
  readonly boundNanoUsd: bigint | undefined;
  readonly priceVersion: string;
  readonly state: 'reserved' | 'dispatched';
  /** When it is made, in milliseconds since 1970. */
  readonly atMs: number;
  /** When it is resolved by itself, in milliseconds since 1970. */
  readonly leaseUntilMs: number;
}

export type ReserveResult =
  | { readonly kind: 'reserved' }
  /** One of this id was made before; nothing was held anew. */
  | { readonly kind: 'known'; readonly state: ReservationState }
  /** Nothing was held on any account. */
  | { readonly kind: 'refused'; readonly account: Account; readonly balance: Balance };

/** Who says what it cost. */
export type ChargeSource = 'provider' | 'estimate' | 'bound';

/** How a reservation ends. */
export interface Resolution {
  readonly id: string;
  readonly state: 'settled' | 'voided';
  /** Undefined where it cannot be told, which is not free: what was held is charged. Does not count where it is voided. */
  readonly nanoUsd: bigint | undefined;
  /** The same of tokens. */
  readonly tokens: bigint | undefined;
  readonly source: ChargeSource;
  readonly atMs: number;
}

/** A reservation that its lease ended. */
export interface Expired {
  readonly id: string;
  readonly requestId: string;
  readonly state: 'voided' | 'settled_unknown';
}

/**
 * Money: what is held and what was spent. Every method is atomic and resolves once it is as durable as the store makes it.
 * On each hard account posted + pending never exceeds its limit by a reservation; a charge beyond its reservation is
 * posted all the same, because it was spent. All methods throw SluiceError STORE_UNAVAILABLE; those that are given amounts throw
 * RangeError where check-amounts.ts says so.
 */
export interface MoneyLedger {
  /**
   * Holds on all accounts or on none. `resolve` is carried out first, with nothing in between, so that what it gives back can be
   * held anew; it stands also where the reservation is refused, because it tells what was spent.
   */
  reserve(reservation: Reservation, resolve?: Resolution): Promise<ReserveResult>;
  /** reserved to dispatched. False where it is not `reserved` any more. */
  dispatch(id: string): Promise<boolean>;
  /** Moves balances once: false, and nothing, where it was resolved before or never made. */
  resolve(resolution: Resolution): Promise<boolean>;
  /** Moves the end of a lease. False where it was resolved before or never made. */
  extend(id: string, leaseUntilMs: number): Promise<boolean>;
  /**
   * Resolves what has outlived its lease, the oldest first: voided before it was dispatched, else charged at what it holds. At
   * most `limit`.
   */
  expire(nowMs: number, limit: number): Promise<readonly Expired[]>;
  /** By account key; those never used are missing. Earlier steps of a rolling account are accounts of their own here. */
  balances(keys: readonly string[]): Promise<ReadonlyMap<string, Balance>>;
}
