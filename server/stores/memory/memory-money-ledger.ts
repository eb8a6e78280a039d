import { checkReservation, checkResolution } from '../../limits/check-amounts.ts';
import type {
  MoneyLedger,
  Reservation,
  ReservationState,
  ReserveResult,
  Resolution,
} from '../../limits/money-ledger.ts';
import type { MoneyRecords } from '../../limits/money-records.ts';
import { createMoneyBook, type MoneyBook } from './money-book.ts';

interface Kept {
  readonly reservation: Reservation;
  state: ReservationState;
  leaseUntilMs: number;
}

type Kepts = Map<string, Kept>;

/** Money in memory: gone with the process, and never forgotten before. Nothing waits, so that each method is one step. */
export function createMemoryMoneyLedger(): MoneyLedger & MoneyRecords {
  const book = createMoneyBook();
  const reservations: Kepts = new Map();
  return {
    ...book,
    async balances(keys) {
      return book.balances(keys);
    },
    async reserve(reservation, before) {
      checkReservation(reservation);
      if (before !== undefined) checkResolution(before);
      if (before !== undefined) tryResolve(book, reservations, before);
      return tryReserve(book, reservations, reservation);
    },
    async dispatch(id) {
      const kept = reservations.get(id);
      if (kept?.state !== 'reserved') return false;
      kept.state = 'dispatched';
      return true;
    },
    async resolve(resolution) {
      checkResolution(resolution);
      return tryResolve(book, reservations, resolution);
    },
    async extend(id, leaseUntilMs) {
      const kept = reservations.get(id);
      if (kept === undefined || !isOpen(kept)) return false;
      kept.leaseUntilMs = leaseUntilMs;
      return true;
    },
    async expire(nowMs, limit) {
      const due = [...reservations.values()]
        .filter((kept) => isOpen(kept) && kept.leaseUntilMs <= nowMs)
        .sort((a, b) => a.leaseUntilMs - b.leaseUntilMs)
        .slice(0, limit);
      return due.map((kept) => {
        const state = kept.state === 'reserved' ? 'voided' : 'settled_unknown';
        end(book, kept, { state, nanoUsd: undefined, tokens: undefined, atMs: nowMs });
        const { id, requestId } = kept.reservation;
        return { id, requestId, state };
      });
    },
  };
}

function isOpen({ state }: Kept): boolean {
  return state === 'reserved' || state === 'dispatched';
}

function tryReserve(book: MoneyBook, reservations: Kepts, reservation: Reservation): ReserveResult {
  const { id, holds, state, leaseUntilMs, atMs } = reservation;
  const known = reservations.get(id);
  if (known !== undefined) return { kind: 'known', state: known.state };
  for (const { account, amount } of holds) {
    const balance = book.balanceOf(account);
    if (account.hard && balance.posted + balance.pending + amount > account.limit) {
      return { kind: 'refused', account, balance };
    }
  }
  reservations.set(id, { reservation, state, leaseUntilMs });
  for (const { account, amount } of holds) {
    book.enter(account, reservation, { kind: 'HELD', pending: amount, posted: 0n, atMs });
  }
  return { kind: 'reserved' };
}

function tryResolve(book: MoneyBook, reservations: Kepts, resolution: Resolution): boolean {
  const kept = reservations.get(resolution.id);
  if (kept === undefined || !isOpen(kept)) return false;
  end(book, kept, resolution);
  return true;
}

interface End extends Pick<Resolution, 'nanoUsd' | 'tokens' | 'atMs'> {
  readonly state: Exclude<ReservationState, 'reserved' | 'dispatched'>;
}

/** Gives back what is held, and posts what was charged. */
function end(book: MoneyBook, kept: Kept, { state, nanoUsd, tokens, atMs }: End): void {
  kept.state = state;
  const charge = { NANO_USD: nanoUsd, TOKENS: tokens };
  for (const { account, amount } of kept.reservation.holds) {
    const [kind, posted] =
      state === 'voided' ? (['RELEASED', 0n] as const) : (['CHARGED', charge[account.unit] ?? amount] as const);
    book.enter(account, kept.reservation, { kind, pending: -amount, posted, atMs });
  }
}
