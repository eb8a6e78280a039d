import type { Reservation, Resolution } from './money-ledger.ts';

/**
 * The largest amount of one hold or charge: every store counts exactly up to it, those that compute with doubles included, and
 * no sum of a thousand passes 64 bits. As nano-dollars, 9 million dollars.
 */
export const LARGEST_AMOUNT = 2n ** 53n - 1n;

/** The largest limit of an account: the largest whole number of 64 bits. */
export const LARGEST_LIMIT = 2n ** 63n - 1n;

/** Throws RangeError for an amount that is negative or too large, a limit too large, or an account that is held twice. */
export function checkReservation({ holds, boundNanoUsd }: Reservation): void {
  for (const { account, amount } of holds) {
    checkAmount(amount);
    if (account.limit > LARGEST_LIMIT) throw new RangeError(`A limit of ${account.limit} is more than 64 bits hold.`);
  }
  if (new Set(holds.map(({ account }) => account.key)).size < holds.length) {
    throw new RangeError('A reservation holds on one account twice.');
  }
  if (boundNanoUsd !== undefined) checkAmount(boundNanoUsd);
}

/** Throws RangeError for an amount that is negative or too large. */
export function checkResolution({ nanoUsd, tokens }: Resolution): void {
  checkAmount(nanoUsd ?? 0n);
  checkAmount(tokens ?? 0n);
}

function checkAmount(amount: bigint): void {
  if (amount < 0n || amount > LARGEST_AMOUNT)
    throw new RangeError(`${amount} is no amount that can be held or charged.`);
}
