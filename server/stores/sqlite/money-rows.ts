import type { Account, Balance } from '../../limits/account.ts';
import type { Expired, Reservation, Resolution } from '../../limits/money-ledger.ts';
import { integer, moment } from './columns.ts';
import type { SqlRow, Statement, Unit } from './unit.ts';

/** The statements of the tables accounts, reservations and entries that move money. */

/** Gives its state where there is one already, and so ends the unit. */
const STATE_OF = 'SELECT state FROM reservations WHERE id = ?';

const RESERVE = `INSERT INTO reservations (id, request_id, bound_nano_usd, price_version, state, reserved_at_ms, lease_until_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;

/** Gives the balance where so much more would pass the limit, and so ends the unit. A sum beyond 64 bits passes every limit. */
const TOO_MUCH = `SELECT posted, pending FROM (
    SELECT coalesce(sum(posted), 0) AS posted, coalesce(sum(pending), 0) AS pending
    FROM accounts WHERE key IN (SELECT value FROM json_each(?)))
  WHERE posted + pending + ? > ?`;

const HOLD = `INSERT INTO accounts (key, budget_id, group_json, window_start_ms, window_end_ms, unit, posted, pending)
  VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (key) DO UPDATE SET pending = pending + excluded.pending`;

const ENTER_HOLD = `INSERT INTO entries (account, reservation, kind, pending, posted, at_ms)
  SELECT a.sequence, r.sequence, 'HELD', ?, 0, ? FROM reservations r, accounts a WHERE r.id = ? AND a.key = ?`;

/** Where a reserve unit can end early: at the place of STATE_OF, or at one of TOO_MUCH. */
export const KNOWN_AT = 0;

/** The unit of a reservation, and the accounts whose limits its statements check, by their places. */
export function reserve(reservation: Reservation): {
  readonly unit: Unit;
  readonly checks: ReadonlyMap<number, Account>;
} {
  const { id, requestId, boundNanoUsd = null, priceVersion, state, atMs, leaseUntilMs } = reservation;
  const unit: Statement[] = [
    { sql: STATE_OF, values: [id], rows: 0 },
    {
      sql: RESERVE,
      values: [id, requestId, boundNanoUsd, priceVersion, state, moment(atMs), moment(leaseUntilMs)],
      changes: 1,
    },
  ];
  const checks = new Map<number, Account>();
  for (const { account, amount } of reservation.holds) {
    if (account.hard) {
      const keys = JSON.stringify([account.key, ...account.earlier]);
      checks.set(unit.length, account);
      unit.push({ sql: TOO_MUCH, values: [keys, amount, account.limit], rows: 0 });
    }
    const { key, budgetId, group, windowStartMs, windowEndMs, unit: counted } = account;
    const opened = [key, budgetId, JSON.stringify(group), moment(windowStartMs), moment(windowEndMs), counted];
    unit.push({ sql: HOLD, values: [...opened, amount], changes: 1 });
    unit.push({ sql: ENTER_HOLD, values: [amount, moment(atMs), id, key], changes: 1 });
  }
  return { unit, checks };
}

const RESOLVE = `UPDATE reservations SET state = ?, nano_usd = ?, tokens = ?, source = ?, resolved_at_ms = ?
  WHERE id = ? AND resolved_at_ms IS NULL`;

const ENTER_RESOLVED = `INSERT INTO entries (account, reservation, kind, pending, posted, at_ms)
  SELECT h.account, h.reservation, ?, -h.pending, coalesce(CASE a.unit WHEN 'TOKENS' THEN ? ELSE ? END, h.pending), ?
  FROM reservations r JOIN entries h ON h.reservation = r.sequence AND h.kind = 'HELD' JOIN accounts a ON a.sequence = h.account
  WHERE r.id = ?`;

/** A reservation is resolved once, so that its entries besides HELD are those that were just made. */
const MOVE_RESOLVED = `UPDATE accounts SET pending = accounts.pending + e.pending, posted = accounts.posted + e.posted
  FROM reservations r JOIN entries e ON e.reservation = r.sequence AND e.kind <> 'HELD'
  WHERE r.id = ? AND accounts.sequence = e.account`;

/** Does nothing as a whole where the reservation is not open. */
export function resolve({ id, state, nanoUsd, tokens, source, atMs }: Resolution): Unit {
  const at = moment(atMs);
  const [charge, counted] = state === 'voided' ? [0n, 0n] : [nanoUsd ?? null, tokens ?? null];
  const kind = state === 'voided' ? 'RELEASED' : 'CHARGED';
  return [
    { sql: RESOLVE, values: [state, charge, counted, source, at, id], changes: 1 },
    { sql: ENTER_RESOLVED, values: [kind, counted, charge, at, id] },
    { sql: MOVE_RESOLVED, values: [id] },
  ];
}

export function dispatch(id: string): Unit {
  const sql = "UPDATE reservations SET state = 'dispatched' WHERE id = ? AND state = 'reserved'";
  return [{ sql, values: [id], changes: 1 }];
}

export function extend(id: string, leaseUntilMs: number): Unit {
  const sql = 'UPDATE reservations SET lease_until_ms = ? WHERE id = ? AND resolved_at_ms IS NULL';
  return [{ sql, values: [moment(leaseUntilMs), id], changes: 1 }];
}

/** The same reservations for each statement of a unit, until the last one resolves them. */
const DUE = `SELECT sequence FROM reservations WHERE resolved_at_ms IS NULL AND lease_until_ms <= ?
  ORDER BY lease_until_ms, sequence LIMIT ?`;

const SHOW_DUE = `SELECT id, request_id, state FROM reservations WHERE sequence IN (${DUE}) ORDER BY lease_until_ms, sequence`;

const ENTER_DUE = `INSERT INTO entries (account, reservation, kind, pending, posted, at_ms)
  SELECT h.account, h.reservation, CASE r.state WHEN 'reserved' THEN 'RELEASED' ELSE 'CHARGED' END, -h.pending,
    CASE r.state WHEN 'reserved' THEN 0 ELSE h.pending END, ?
  FROM reservations r JOIN entries h ON h.reservation = r.sequence AND h.kind = 'HELD'
  WHERE r.sequence IN (${DUE})`;

const MOVE_DUE = `UPDATE accounts SET pending = accounts.pending + e.pending, posted = accounts.posted + e.posted
  FROM (SELECT account, sum(pending) AS pending, sum(posted) AS posted FROM entries
    WHERE kind <> 'HELD' AND reservation IN (${DUE}) GROUP BY account) e
  WHERE accounts.sequence = e.account`;

const RESOLVE_DUE = `UPDATE reservations SET
    state = CASE state WHEN 'reserved' THEN 'voided' ELSE 'settled_unknown' END,
    nano_usd = CASE state WHEN 'reserved' THEN 0 ELSE bound_nano_usd END,
    tokens = CASE state WHEN 'reserved' THEN 0 END,
    source = 'bound', resolved_at_ms = ?
  WHERE sequence IN (${DUE})`;

/** The first statement gives what the others resolve. */
export function expire(nowMs: number, limit: number): Unit {
  const now = moment(nowMs);
  const due = [now, BigInt(limit)];
  return [
    { sql: SHOW_DUE, values: due },
    { sql: ENTER_DUE, values: [now, ...due] },
    { sql: MOVE_DUE, values: due },
    { sql: RESOLVE_DUE, values: [now, ...due] },
  ];
}

export function balances(keys: readonly string[]): Statement {
  const sql = 'SELECT key, posted, pending FROM accounts WHERE key IN (SELECT value FROM json_each(?))';
  return { sql, values: [JSON.stringify(keys)] };
}

export function expiredOf(row: SqlRow): Expired {
  const state = row.state === 'reserved' ? 'voided' : 'settled_unknown';
  return { id: String(row.id), requestId: String(row.request_id), state };
}

export function balanceOf({ posted, pending }: SqlRow): Balance {
  return { posted: integer(posted), pending: integer(pending) };
}
