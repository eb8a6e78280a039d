import { checkReservation, checkResolution } from '../../limits/check-amounts.ts';
import type { MoneyLedger, Reservation, ReservationState, ReserveResult } from '../../limits/money-ledger.ts';
import type { SqliteDatabase } from './database.ts';
import { balanceOf, balances, dispatch, expire, expiredOf, extend, KNOWN_AT, reserve, resolve } from './money-rows.ts';
import type { SqlValue } from './unit.ts';

/** Money in the database of the data folder: durable once a method has resolved. */
export function createSqliteMoneyLedger(database: SqliteDatabase): MoneyLedger {
  const carriedOut = async (unit: Parameters<SqliteDatabase['run']>[0]): Promise<boolean> =>
    (await database.run(unit)) !== undefined;
  return {
    async reserve(reservation, before) {
      checkReservation(reservation);
      if (before === undefined) return tryReserve(database, reservation);
      checkResolution(before);
      // Units are carried out in the order in which they are given: nothing comes between these two.
      const [, result] = await Promise.all([database.run(resolve(before)), tryReserve(database, reservation)]);
      return result;
    },
    dispatch: (id) => carriedOut(dispatch(id)),
    async resolve(resolution) {
      checkResolution(resolution);
      return carriedOut(resolve(resolution));
    },
    extend: (id, leaseUntilMs) => carriedOut(extend(id, leaseUntilMs)),
    async expire(nowMs, limit) {
      const [rows = []] = (await database.run(expire(nowMs, limit))) ?? [];
      return rows.map(expiredOf);
    },
    async balances(keys) {
      const [rows = []] = (await database.run([balances(keys)])) ?? [];
      return new Map(rows.map((row) => [String(row.key), balanceOf(row)]));
    },
  };
}

async function tryReserve(database: SqliteDatabase, reservation: Reservation): Promise<ReserveResult> {
  const { unit, checks } = reserve(reservation);
  const answer = await database.attempt(unit);
  if (answer.kind === 'done') return { kind: 'reserved' };
  const [row = {}] = answer.rows;
  if (answer.at === KNOWN_AT) return { kind: 'known', state: stateOf(row.state) };
  const account = checks.get(answer.at);
  if (account === undefined) throw new Error(`Statement ${answer.at} of a reservation changed nothing.`);
  return { kind: 'refused', account, balance: balanceOf(row) };
}

const STATES: readonly ReservationState[] = ['reserved', 'dispatched', 'settled', 'voided', 'settled_unknown'];

function stateOf(value: SqlValue | undefined): ReservationState {
  const state = STATES.find((known) => known === value);
  if (state === undefined) throw new Error(`A reservation's state is ${String(value)}.`);
  return state;
}
