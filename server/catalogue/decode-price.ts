import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import {
  type DatedPrice,
  type DayHours,
  FEE_NAMES,
  type Fees,
  type PriceTier,
  RATE_NAMES,
  type Rates,
} from './model-card.ts';
import { type Complain, type MemberReader, readMembers } from './read-members.ts';

/** More than any provider has. */
const MAX_TIERS = 8;

/** Reads one row of a model's prices; undefined where it is none. */
export function decodePrice(value: JsonValue, complain: Complain): DatedPrice | undefined {
  if (!isJsonObject(value)) {
    complain('', 'must be an object');
    return undefined;
  }
  const members = readMembers(value, complain);
  members.only(['from', 'hours', 'source', 'tiers', ...RATE_NAMES, ...FEE_NAMES]);
  const source = members.text('source', 512);
  if (source === undefined) complain('source', 'is missing: prices say where they are from');
  const hours = members.object('hours');
  return Object.freeze({
    from: members.day('from'),
    hours: hours === undefined ? undefined : decodeHours(hours, complain),
    source: source ?? '',
    rates: decodeRates(members),
    fees: decodeFees(members),
    tiers: Object.freeze(decodeTiers(members.list('tiers', MAX_TIERS), complain)),
  });
}

function decodeRates(members: MemberReader): Rates {
  return Object.freeze(nanos(RATE_NAMES, members));
}

function decodeFees(members: MemberReader): Fees {
  return Object.freeze(nanos(FEE_NAMES, members));
}

function nanos<Name extends string>(names: readonly Name[], members: MemberReader): Partial<Record<Name, bigint>> {
  const found: Partial<Record<Name, bigint>> = {};
  for (const name of names) {
    const nano = members.nano(name);
    if (nano !== undefined) found[name] = nano;
  }
  return found;
}

function decodeTiers(values: readonly JsonValue[], complain: Complain): PriceTier[] {
  const tiers: PriceTier[] = [];
  for (const [at, value] of values.entries()) {
    const told: Complain = (member, message) => complain(`tiers[${at}].${member}`, message);
    const tier = isJsonObject(value) ? decodeTier(value, told) : undefined;
    const above = tier?.above ?? 0;
    if (tier === undefined || above <= (tiers.at(-1)?.above ?? 0)) told('above', 'must be more than the tier before');
    else tiers.push(tier);
  }
  return tiers;
}

function decodeTier(row: JsonObject, complain: Complain): PriceTier | undefined {
  const members = readMembers(row, complain);
  members.only(['above', ...RATE_NAMES]);
  const above = members.count('above');
  return above === undefined ? undefined : Object.freeze({ above, rates: decodeRates(members) });
}

function decodeHours(row: JsonObject, complain: Complain): DayHours | undefined {
  const members = readMembers(row, (member, message) => complain(`hours.${member}`, message));
  members.only(['from', 'to']);
  const from = members.text('from', 5);
  const to = members.text('to', 5);
  if (isTime(from) && isTime(to) && from < to) return Object.freeze({ from, to });
  complain('hours', 'must be from one time of a day to a later one, as in {"from": "01:00", "to": "04:00"}');
  return undefined;
}

function isTime(text: string | undefined): text is string {
  return text !== undefined && /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(text);
}
