import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Account, Balance } from '../../server/limits/account.ts';
import type { Expired, Reservation, ReserveResult, Resolution } from '../../server/limits/money-ledger.ts';
import { account, reservation } from './money-accounts.ts';
import { MONEY_STORES } from './money-stores.ts';

// Random sequences over five nested scopes, against a model that keeps reservations alone and adds up balances anew each time.

/** How many sequences: SLUICE_MONEY_RUNS=10000 for the bar B3. */
const RUNS = Number(process.env.SLUICE_MONEY_RUNS ?? 200);

const LIMITS = [1000n, 400n, 200n, 120n, 60n];
const LONG = 1000;

type Step =
  | {
      readonly kind: 'reserve';
      readonly id: number;
      readonly depth: number;
      readonly amount: bigint;
      readonly lease: number;
    }
  | {
      readonly kind: 'retry';
      readonly id: number;
      readonly depth: number;
      readonly amount: bigint;
      readonly of: number;
    }
  | { readonly kind: 'dispatch'; readonly id: number }
  | { readonly kind: 'void'; readonly id: number }
  | { readonly kind: 'charge'; readonly id: number; readonly amount: bigint | undefined }
  | { readonly kind: 'extend'; readonly id: number; readonly lease: number }
  | { readonly kind: 'expire' };

const id = fc.nat(12);
const amount = fc.bigInt(0n, 90n);
const depth = fc.integer({ min: 1, max: LIMITS.length });
const lease = fc.integer({ min: 1, max: 40 });
const STEPS: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('reserve' as const), id, depth, amount, lease }) },
    fc.record({ kind: fc.constant('retry' as const), id, depth, amount, of: id }),
    fc.record({ kind: fc.constant('dispatch' as const), id }),
    fc.record({ kind: fc.constant('void' as const), id }),
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('charge' as const), id, amount: fc.option(amount, { nil: undefined }) }),
    },
    fc.record({ kind: fc.constant('extend' as const), id, lease }),
    fc.record({ kind: fc.constant('expire' as const) }),
  ),
  { minLength: 1, maxLength: 40 },
);

interface Modelled {
  readonly id: string;
  readonly depth: number;
  readonly amount: bigint;
  state: 'reserved' | 'dispatched' | 'settled' | 'voided' | 'settled_unknown';
  leaseUntilMs: number;
  posted: bigint;
}

/** What a ledger must answer. Its accounts are the first so many scopes, from the widest on. */
class MoneyModel {
  readonly all = new Map<string, Modelled>();

  balance(scope: number): Balance {
    const held = [...this.all.values()].filter(({ depth }) => depth > scope);
    return {
      posted: held.reduce((sum, { posted }) => sum + posted, 0n),
      pending: held.filter(isOpen).reduce((sum, one) => sum + one.amount, 0n),
    };
  }

  reserve(made: Reservation, accounts: readonly Account[]): ReserveResult {
    const known = this.all.get(made.id);
    if (known !== undefined) return { kind: 'known', state: known.state };
    const held = made.holds[0]?.amount ?? 0n;
    for (const [scope, one] of accounts.slice(0, made.holds.length).entries()) {
      const balance = this.balance(scope);
      if (balance.posted + balance.pending + held > one.limit) return { kind: 'refused', account: one, balance };
    }
    const { leaseUntilMs } = made;
    this.all.set(made.id, {
      id: made.id,
      depth: made.holds.length,
      amount: held,
      state: 'reserved',
      leaseUntilMs,
      posted: 0n,
    });
    return { kind: 'reserved' };
  }

  resolve({ id: named, state, nanoUsd }: Resolution): boolean {
    const one = this.all.get(named);
    if (one === undefined || !isOpen(one)) return false;
    one.state = state;
    one.posted = state === 'voided' ? 0n : (nanoUsd ?? one.amount);
    return true;
  }

  dispatch(named: string): boolean {
    const one = this.all.get(named);
    if (one?.state !== 'reserved') return false;
    one.state = 'dispatched';
    return true;
  }

  extend(named: string, leaseUntilMs: number): boolean {
    const one = this.all.get(named);
    if (one === undefined || !isOpen(one)) return false;
    one.leaseUntilMs = leaseUntilMs;
    return true;
  }

  expire(nowMs: number, limit: number): readonly Expired[] {
    const due = [...this.all.values()].filter((one) => isOpen(one) && one.leaseUntilMs <= nowMs);
    const first = due.toSorted((a, b) => a.leaseUntilMs - b.leaseUntilMs).slice(0, limit);
    return first.map((one) => {
      const state = one.state === 'reserved' ? 'voided' : 'settled_unknown';
      one.posted = state === 'voided' ? 0n : one.amount;
      one.state = state;
      return { id: one.id, requestId: `req_${one.id}`, state };
    });
  }
}

function isOpen({ state }: Modelled): boolean {
  return state === 'reserved' || state === 'dispatched';
}

test.each(MONEY_STORES)('$name answers as the model after every step', { timeout: 600_000 }, async ({ open }) => {
  const store = await open();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(STEPS, async (steps) => {
      run += 1;
      const name = (short: number): string => `${run}-${short}`;
      const model = new MoneyModel();
      const accounts = LIMITS.map((limit, scope) => account(`${run}-${scope}`, limit));
      const keys = accounts.map(({ key }) => key);
      // Sequences share a store: each has a stretch of time of its own, at whose end nothing is left open.
      const startMs = run * LONG;
      const made = (short: number, scopes: number, held: bigint, until: number): Reservation =>
        reservation(name(short), accounts.slice(0, scopes), held, { leaseUntilMs: startMs + until });
      const ended = (short: number, state: 'settled' | 'voided', nanoUsd: bigint | undefined): Resolution => ({
        ...{ id: name(short), state, nanoUsd, tokens: 0n, source: 'provider', atMs: startMs },
      });
      const seen: Promise<unknown>[] = [];
      const expected: unknown[] = [];
      const check = (actual: Promise<unknown>, wanted: unknown): void => {
        seen.push(actual);
        expected.push(wanted);
      };
      for (const [at, step] of steps.entries()) {
        switch (step.kind) {
          case 'reserve': {
            const wanted = made(step.id, step.depth, step.amount, at + step.lease);
            check(store.reserve(wanted), model.reserve(wanted, accounts));
            break;
          }
          case 'retry': {
            const wanted = made(step.id, step.depth, step.amount, at + LONG / 2);
            const before = ended(step.of, 'settled', step.amount);
            model.resolve(before);
            check(store.reserve(wanted, before), model.reserve(wanted, accounts));
            break;
          }
          case 'dispatch':
            check(store.dispatch(name(step.id)), model.dispatch(name(step.id)));
            break;
          case 'void':
            check(store.resolve(ended(step.id, 'voided', 0n)), model.resolve(ended(step.id, 'voided', 0n)));
            break;
          case 'charge': {
            const end = ended(step.id, 'settled', step.amount);
            check(store.resolve(end), model.resolve(end));
            break;
          }
          case 'extend': {
            const until = startMs + at + step.lease;
            check(store.extend(name(step.id), until), model.extend(name(step.id), until));
            break;
          }
          case 'expire':
            // Which of two leases of one moment ends first is not promised.
            check(store.expire(startMs + at, 100).then(sorted), sorted(model.expire(startMs + at, 100)));
        }
        const wanted = accounts.map((_, scope) => model.balance(scope));
        check(
          store.balances(keys).then((found) => keys.map((key) => found.get(key) ?? { posted: 0n, pending: 0n })),
          wanted,
        );
      }
      check(store.expire(startMs + LONG - 1, 1000).then(sorted), sorted(model.expire(startMs + LONG - 1, 1000)));
      expect(await Promise.all(seen)).toEqual(expected);
      const states = [...model.all.values()];
      expect(states.filter(isOpen)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
  for (let from: number | undefined = 0; from !== undefined; ) {
    const page = await store.drifts(from, 100);
    expect(page.drifts).toEqual([]);
    from = page.next;
  }
});

function sorted(expired: readonly Expired[]): readonly Expired[] {
  return expired.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
