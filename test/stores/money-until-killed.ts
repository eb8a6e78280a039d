import { writeSync } from 'node:fs';
import { createSqliteDatabase } from '../../server/stores/sqlite/database.ts';
import { createSqliteMoneyLedger } from '../../server/stores/sqlite/sqlite-money-ledger.ts';
import { account, charge, reservation } from './money-accounts.ts';

// A process that moves money until it is killed, and says what was acknowledged: "reserved <id>" and "settled <id>".

const [, , path = '', name = ''] = process.argv;
const ledger = createSqliteMoneyLedger(createSqliteDatabase(path));
const accounts = [account('org', 10n ** 15n), account('team', 10n ** 15n)];

// Written at once, so that no line waits in this process when it dies.
const say = (line: string): void => void writeSync(1, `${line}\n`);

async function spend(lane: number): Promise<void> {
  for (let at = 0; ; at += 1) {
    const id = `${name}-${lane}-${at}`;
    const { kind } = await ledger.reserve(reservation(id, accounts, 1000n, { leaseUntilMs: 5000 }));
    if (kind !== 'reserved') throw new Error(`${id} is ${kind}`);
    say(`reserved ${id}`);
    if (at % 3 !== 0) await ledger.dispatch(id);
    if (at % 5 === 0) continue;
    await ledger.resolve(charge(id, BigInt(at % 1000)));
    say(`settled ${id}`);
  }
}

await Promise.all(Array.from({ length: 8 }, (_, lane) => spend(lane)));
