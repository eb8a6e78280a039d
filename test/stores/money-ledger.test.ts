import { describe, expect, test } from 'vitest';
import { LARGEST_AMOUNT, LARGEST_LIMIT } from '../../server/limits/check-amounts.ts';
import { account, charge, reservation, voided } from './money-accounts.ts';
import { MONEY_STORES, type MoneyStore } from './money-stores.ts';

// What every MoneyLedger promises.

const RESERVED = { kind: 'reserved' };

/** The balance of an account that was used. */
async function balance(store: MoneyStore, key: string) {
  return (await store.balances([key])).get(key);
}

describe.each(MONEY_STORES)('money in $name', ({ open }) => {
  test('is held on all accounts and charged on all', async () => {
    const store = await open();
    const accounts = [account('org', 100n), account('team', 50n)];
    expect(await store.reserve(reservation('a', accounts, 30n))).toEqual(RESERVED);
    expect(await balance(store, accounts[0]?.key ?? '')).toEqual({ posted: 0n, pending: 30n });
    expect(await store.resolve(charge('a', 12n))).toBe(true);
    const held = await store.balances(accounts.map(({ key }) => key));
    expect([...held.values()]).toEqual([
      { posted: 12n, pending: 0n },
      { posted: 12n, pending: 0n },
    ]);
  });

  test('up to the last unit of a limit fits, one more does not', async () => {
    const store = await open();
    const org = account('org', 100n);
    expect(await store.reserve(reservation('a', [org], 100n))).toEqual(RESERVED);
    expect(await store.reserve(reservation('b', [org], 1n))).toMatchObject({ kind: 'refused' });
    expect(await store.reserve(reservation('c', [org], 0n))).toEqual(RESERVED);
  });

  test('a refusal names the account and its balance, and holds nothing on any', async () => {
    const store = await open();
    const [org, team, key] = [account('org', 100n), account('team', 10n), account('key', 100n)];
    await store.reserve(reservation('a', [org, team], 8n));
    await store.resolve(charge('a', 3n));
    await store.reserve(reservation('b', [team], 4n));
    expect(await store.reserve(reservation('c', [org, team, key], 5n))).toEqual({
      kind: 'refused',
      account: team,
      balance: { posted: 3n, pending: 4n },
    });
    expect(await balance(store, org.key)).toEqual({ posted: 3n, pending: 0n });
    expect(await balance(store, key.key)).toBeUndefined();
    expect(await store.resolve(charge('c', 5n))).toBe(false);
  });

  test('a refused reservation may be tried again under its id', async () => {
    const store = await open();
    const org = account('org', 10n);
    await store.reserve(reservation('a', [org], 10n));
    expect(await store.reserve(reservation('b', [org], 10n))).toMatchObject({ kind: 'refused' });
    await store.resolve(voided('a'));
    expect(await store.reserve(reservation('b', [org], 10n))).toEqual(RESERVED);
  });

  test('a soft account counts and never refuses', async () => {
    const store = await open();
    const soft = account('soft', 10n, { hard: false });
    expect(await store.reserve(reservation('a', [soft], 25n))).toEqual(RESERVED);
    expect(await balance(store, soft.key)).toEqual({ posted: 0n, pending: 25n });
  });

  test('earlier steps of a rolling account count, later and other ones do not', async () => {
    const store = await open();
    const step = (at: number, earlier: readonly number[]) => {
      const made = account('hour', 100n, { windowStartMs: at });
      return { ...made, earlier: earlier.map((one) => account('hour', 100n, { windowStartMs: one }).key) };
    };
    await store.reserve(reservation('a', [step(1000, [])], 60n));
    await store.resolve(charge('a', 50n));
    await store.reserve(reservation('b', [step(2000, [1000])], 30n));
    expect(await store.reserve(reservation('c', [step(3000, [2000, 1000])], 21n))).toMatchObject({
      kind: 'refused',
      balance: { posted: 50n, pending: 30n },
    });
    expect(await store.reserve(reservation('d', [step(3000, [2000, 1000])], 20n))).toEqual(RESERVED);
    expect(await store.reserve(reservation('e', [step(4000, [3000, 2000])], 50n))).toEqual(RESERVED);
    expect(await store.reserve(reservation('f', [step(4000, [3000, 2000])], 1n))).toMatchObject({ kind: 'refused' });
  });

  test('a charge beyond its reservation is posted, and the account is closed', async () => {
    const store = await open();
    const org = account('org', 10n);
    await store.reserve(reservation('a', [org], 10n));
    await store.resolve(charge('a', 25n));
    expect(await balance(store, org.key)).toEqual({ posted: 25n, pending: 0n });
    expect(await store.reserve(reservation('b', [org], 0n))).toMatchObject({ kind: 'refused' });
  });

  test('tokens are charged where tokens are counted', async () => {
    const store = await open();
    const [money, tokens] = [account('money', 100n), account('tokens', 100n, { unit: 'TOKENS' })];
    await store.reserve(reservation('a', [money, tokens], 50n));
    await store.resolve(charge('a', 12n, { tokens: 34n }));
    expect(await balance(store, money.key)).toEqual({ posted: 12n, pending: 0n });
    expect(await balance(store, tokens.key)).toEqual({ posted: 34n, pending: 0n });
  });

  test('what cannot be told is charged as it was held, an explicit 0 as 0', async () => {
    const store = await open();
    const [money, tokens] = [account('money', 100n), account('tokens', 100n, { unit: 'TOKENS' })];
    await store.reserve(reservation('a', [money, tokens], 50n));
    await store.resolve(charge('a', undefined, { tokens: undefined }));
    await store.reserve(reservation('b', [money, tokens], 50n));
    await store.resolve(charge('b', 0n, { tokens: 0n }));
    expect(await balance(store, money.key)).toEqual({ posted: 50n, pending: 0n });
    expect(await balance(store, tokens.key)).toEqual({ posted: 50n, pending: 0n });
  });

  test('a reservation is made once by its id, and a later one learns where it stands', async () => {
    const store = await open();
    const org = account('org', 100n);
    const all = await Promise.all(['a', 'a', 'a'].map((id) => store.reserve(reservation(id, [org], 40n))));
    expect(all).toEqual([RESERVED, { kind: 'known', state: 'reserved' }, { kind: 'known', state: 'reserved' }]);
    await store.resolve(voided('a'));
    expect(await store.reserve(reservation('a', [org], 40n))).toEqual({ kind: 'known', state: 'voided' });
    expect(await balance(store, org.key)).toEqual({ posted: 0n, pending: 0n });
  });

  test('is resolved once, whoever comes second', async () => {
    const store = await open();
    const org = account('org', 100n);
    await store.reserve(reservation('a', [org], 40n));
    const all = await Promise.all([
      store.resolve(charge('a', 5n)),
      store.resolve(charge('a', 9n)),
      store.resolve(voided('a')),
    ]);
    expect(all).toEqual([true, false, false]);
    expect(await store.dispatch('a')).toBe(false);
    expect(await store.extend('a', 9000)).toBe(false);
    expect(await store.expire(10_000, 10)).toEqual([]);
    expect(await balance(store, org.key)).toEqual({ posted: 5n, pending: 0n });
  });

  test('what an earlier attempt gives back can be held by the next in the same step', async () => {
    const store = await open();
    const org = account('org', 100n);
    await store.reserve(reservation('a', [org], 100n));
    const [next, rival] = await Promise.all([
      store.reserve(reservation('b', [org], 90n), charge('a', 10n)),
      store.reserve(reservation('c', [org], 1n)),
    ]);
    expect([next, rival.kind]).toEqual([RESERVED, 'refused']);
    expect(await balance(store, org.key)).toEqual({ posted: 10n, pending: 90n });
  });

  test('what an earlier attempt spent is charged also where the next is refused', async () => {
    const store = await open();
    const org = account('org', 100n);
    await store.reserve(reservation('a', [org], 50n));
    expect(await store.reserve(reservation('b', [org], 90n), charge('a', 20n))).toMatchObject({
      kind: 'refused',
      balance: { posted: 20n, pending: 0n },
    });
  });

  test('is dispatched once', async () => {
    const store = await open();
    await store.reserve(reservation('a', [], 0n));
    expect([await store.dispatch('a'), await store.dispatch('a'), await store.dispatch('none')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(await store.resolve(charge('a', 1n))).toBe(true);
  });

  test('a lease that ran out gives back what was not dispatched and charges the rest at what it holds', async () => {
    const store = await open();
    const [org, tokens] = [account('org', 100n), account('tokens', 100n, { unit: 'TOKENS' })];
    await store.reserve(reservation('kept', [org, tokens], 1n, { leaseUntilMs: 5001 }));
    await store.reserve(reservation('sent', [org, tokens], 10n, { leaseUntilMs: 4000, state: 'dispatched' }));
    await store.reserve(reservation('held', [org, tokens], 20n, { leaseUntilMs: 5000 }));
    expect(await store.expire(3999, 10)).toEqual([]);
    expect(await store.expire(5000, 10)).toEqual([
      { id: 'sent', requestId: 'req_sent', state: 'settled_unknown' },
      { id: 'held', requestId: 'req_held', state: 'voided' },
    ]);
    expect(await balance(store, org.key)).toEqual({ posted: 10n, pending: 1n });
    expect(await balance(store, tokens.key)).toEqual({ posted: 10n, pending: 1n });
    expect(await store.resolve(charge('sent', 5n))).toBe(false);
  });

  test('leases run out in batches, the oldest first, each once', async () => {
    const store = await open();
    const org = account('org', 100n);
    for (const at of [3, 1, 2]) await store.reserve(reservation(`r${at}`, [org], 5n, { leaseUntilMs: at }));
    expect((await store.expire(10, 2)).map(({ id }) => id)).toEqual(['r1', 'r2']);
    expect((await store.expire(10, 2)).map(({ id }) => id)).toEqual(['r3']);
    expect(await store.expire(10, 2)).toEqual([]);
    expect(await balance(store, org.key)).toEqual({ posted: 0n, pending: 0n });
  });

  test('a lease can be moved while it is open', async () => {
    const store = await open();
    await store.reserve(reservation('a', [account('org', 9n)], 1n));
    expect([await store.extend('a', 9000), await store.extend('none', 9000)]).toEqual([true, false]);
    expect(await store.expire(8999, 10)).toEqual([]);
    expect(await store.expire(9000, 10)).toHaveLength(1);
  });

  test('amounts that are negative or too large are refused before anything is done', async () => {
    const store = await open();
    const [org, wide] = [account('org', LARGEST_LIMIT), account('wide', LARGEST_LIMIT + 1n)];
    for (const amount of [-1n, LARGEST_AMOUNT + 1n, 2n ** 63n, 2n ** 64n]) {
      await expect(store.reserve(reservation('a', [org], amount))).rejects.toThrow(RangeError);
    }
    await expect(store.reserve(reservation('a', [wide], 1n))).rejects.toThrow(RangeError);
    await expect(store.reserve(reservation('a', [org, org], 1n))).rejects.toThrow(RangeError);
    expect(await store.reserve(reservation('a', [org], LARGEST_AMOUNT))).toEqual(RESERVED);
    await expect(store.resolve(charge('a', 2n ** 63n))).rejects.toThrow(RangeError);
    await expect(store.reserve(reservation('b', [org], 1n), charge('a', -1n))).rejects.toThrow(RangeError);
    expect(await balance(store, org.key)).toEqual({ posted: 0n, pending: LARGEST_AMOUNT });
  });

  test('is exact beyond what a double holds', async () => {
    const store = await open();
    const org = account('org', LARGEST_LIMIT);
    for (const id of ['a', 'b', 'c']) await store.reserve(reservation(id, [org], LARGEST_AMOUNT));
    await store.resolve(charge('a', LARGEST_AMOUNT - 1n));
    expect(await balance(store, org.key)).toEqual({ posted: LARGEST_AMOUNT - 1n, pending: 2n * LARGEST_AMOUNT });
  });

  test('200 at once on a limit for exactly 50 let 50 pass', async () => {
    const store = await open();
    const accounts = [account('org', 50_000n), account('wide', 10n ** 9n)];
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, at) => store.reserve(reservation(`r${at}`, accounts, 1000n))),
    );
    expect(results.filter(({ kind }) => kind === 'reserved')).toHaveLength(50);
    expect([...(await store.balances(accounts.map(({ key }) => key))).values()]).toEqual([
      { posted: 0n, pending: 50_000n },
      { posted: 0n, pending: 50_000n },
    ]);
  });
});

describe.each(MONEY_STORES)('the records of money in $name', ({ open }) => {
  test('hold an entry for each movement, page by page, and per account', async () => {
    const store = await open();
    const [org, team] = [account('org', 100n), account('team', 100n)];
    await store.reserve(reservation('a', [org, team], 30n));
    await store.resolve(charge('a', 12n));
    await store.reserve(reservation('b', [org], 5n));
    await store.resolve(voided('b'));
    const all = await store.entries({ limit: 100 });
    expect(
      all.map(({ budgetId, reservationId, kind, pending, posted }) => [budgetId, reservationId, kind, pending, posted]),
    ).toEqual([
      ['org', 'a', 'HELD', 30n, 0n],
      ['team', 'a', 'HELD', 30n, 0n],
      ['org', 'a', 'CHARGED', -30n, 12n],
      ['team', 'a', 'CHARGED', -30n, 12n],
      ['org', 'b', 'HELD', 5n, 0n],
      ['org', 'b', 'RELEASED', -5n, 0n],
    ]);
    expect(all[2]).toMatchObject({ accountKey: org.key, requestId: 'req_a', atMs: 200 });
    const [first, second] = await store.entries({ limit: 2 });
    expect([first, second, ...(await store.entries({ after: second?.sequence, limit: 100 }))]).toEqual(all);
    expect(await store.entries({ accountKey: team.key, limit: 100 })).toEqual(
      all.filter(({ budgetId }) => budgetId === 'team'),
    );
  });

  test("list a budget's groups whose window has not ended, page by page", async () => {
    const store = await open();
    const group = (user: string, windowStartMs = 1000) => account('users', 100n, { group: [user], windowStartMs });
    const accounts = [group('ada'), group('bob'), group('żoë'), group('old', 0), account('other', 9n)];
    await store.reserve(reservation('a', accounts, 3n));
    const query = { budgetId: 'users', endsAfterMs: 1000 };
    const found = await store.accounts({ ...query, limit: 10 });
    expect(found.map((one) => one.group)).toEqual([['ada'], ['bob'], ['żoë']]);
    expect(found[0]).toEqual({
      key: group('ada').key,
      budgetId: 'users',
      group: ['ada'],
      windowStartMs: 1000,
      windowEndMs: 2000,
      unit: 'NANO_USD',
      posted: 0n,
      pending: 3n,
    });
    expect(await store.accounts({ ...query, after: found[0]?.key, limit: 1 })).toEqual([found[1]]);
  });

  test('agree with the balances, page by page', async () => {
    const store = await open();
    await store.reserve(reservation('a', [account('org', 100n), account('team', 100n), account('key', 100n)], 30n));
    await store.resolve(charge('a', 12n));
    const first = await store.drifts(0, 2);
    expect(first.drifts).toEqual([]);
    expect(await store.drifts(first.next ?? 0, 2)).toEqual({ drifts: [], next: undefined });
  });
});
