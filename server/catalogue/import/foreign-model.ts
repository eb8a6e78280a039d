import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { nanoDollars } from '../nano-dollars.ts';

/** A model of somebody else's list, as a row of ours. */
export interface ForeignModel {
  /** As the other list names it, for people. */
  readonly name: string;
  /** The preset that serves it. */
  readonly provider: string;
  readonly row: JsonObject;
  /** What was not taken as it stood, and why. */
  readonly notes: readonly string[];
}

/** What of the list was left out. */
export interface IgnoredEntry {
  readonly name: string;
  readonly reason: string;
}

/** Somebody else's list, read. */
export interface ForeignList {
  readonly models: readonly ForeignModel[];
  readonly ignored: readonly IgnoredEntry[];
}

/** Rates by our names, whole nano-dollars, and what is to be said of them. */
export interface ReadRates {
  readonly rates: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  /** Why none of them can be trusted. */
  readonly wrong: string | undefined;
}

/** Reads prices by their foreign names, in US dollars times 10^shift. Missing and null are not known. */
export function readRates(
  row: JsonObject,
  names: readonly (readonly [foreign: string, ours: string])[],
  shift: number,
): ReadRates {
  const rates: Record<string, number> = {};
  const notes: string[] = [];
  for (const [foreign, ours] of names) {
    const value = memberOf(row, foreign);
    if (value === undefined || value === null) continue;
    const read = typeof value === 'number' || typeof value === 'string' ? nanoDollars(value, shift) : undefined;
    if (read === undefined) return { rates: {}, notes, wrong: `${foreign} is no price in US dollars` };
    if (!read.exact) notes.push(`${ours} is finer than a nano-dollar per million tokens and was rounded up`);
    rates[ours] = Number(read.nano);
  }
  return { rates, notes, wrong: undefined };
}

/** Lists write 0 where a price is not known as well as where it is free; only the second would be a promise. */
export function isPlaceholder(rates: Readonly<Record<string, number>>): boolean {
  const amounts = Object.values(rates);
  return amounts.length > 0 && amounts.every((amount) => amount === 0);
}

/** A member of the object itself: names in foreign files may be anything. */
export function memberOf(row: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(row, name) ? row[name] : undefined;
}

/** A whole number of tokens of at least 1; lists also hold texts, 0 and null there. */
export function tokensOf(row: JsonObject, name: string): number | undefined {
  const value = memberOf(row, name);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? value : undefined;
}

/** A text that is not empty. */
export function textOf(row: JsonObject, name: string): string | undefined {
  const value = memberOf(row, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** An object below an object; empty where there is none. */
export function objectOf(row: JsonObject, name: string): JsonObject {
  const value = memberOf(row, name);
  return isJsonObject(value) ? value : {};
}

/** Capabilities by their foreign names: true and false are facts, everything else is not known. */
export function readCapabilities(
  row: JsonObject,
  names: readonly (readonly [foreign: string, ours: string])[],
): Record<string, boolean> {
  return Object.fromEntries(
    names.flatMap(([foreign, ours]) => {
      const value = memberOf(row, foreign);
      return typeof value === 'boolean' ? [[ours, value]] : [];
    }),
  );
}
