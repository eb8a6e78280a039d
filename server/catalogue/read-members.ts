import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';

/** What is wrong with a row, in words that name the member. */
export type Complain = (member: string, message: string) => void;

/** Typed reading of one object's members. A missing member is undefined; a wrong one is told and undefined. */
export interface MemberReader {
  text(name: string, longest?: number): string | undefined;
  /** As in 2026-03-13, a day that exists. */
  day(name: string): string | undefined;
  /** A whole number of at least 1. */
  count(name: string): number | undefined;
  /** Whole nano-dollars. */
  nano(name: string): bigint | undefined;
  flag(name: string): boolean | undefined;
  object(name: string): JsonObject | undefined;
  list(name: string, longest: number): readonly JsonValue[];
  /** Tells of members that are none of these. */
  only(names: readonly string[]): void;
}

export function readMembers(row: JsonObject, complain: Complain): MemberReader {
  const take = <T>(name: string, wanted: string, read: (value: JsonValue) => T | undefined): T | undefined => {
    const value = Object.hasOwn(row, name) ? row[name] : undefined;
    if (value === undefined) return undefined;
    const found = read(value);
    if (found === undefined) complain(name, `must be ${wanted}`);
    return found;
  };
  return {
    text: (name, longest = 448) => take(name, `text of 1 to ${longest} characters`, (value) => textOf(value, longest)),
    day: (name) => take(name, 'a day, as in 2026-03-13', (value) => (isDay(value) ? value : undefined)),
    count: (name) => take(name, 'a whole number of at least 1', (value) => wholeOf(value, 1)),
    nano: (name) => {
      const whole = take(name, 'a whole number of nano-dollars', (value) => wholeOf(value, 0));
      return whole === undefined ? undefined : BigInt(whole);
    },
    flag: (name) => take(name, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined)),
    object: (name) => take(name, 'an object', (value) => (isJsonObject(value) ? value : undefined)),
    list: (name, longest) => take(name, `a list of at most ${longest}`, (value) => listOf(value, longest)) ?? [],
    only(names) {
      for (const name of Object.keys(row)) {
        if (!names.includes(name)) complain(name.slice(0, 64), 'is not a known member');
      }
    },
  };
}

function textOf(value: JsonValue, longest: number): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= longest && value.isWellFormed()
    ? value
    : undefined;
}

function wholeOf(value: JsonValue, least: number): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : undefined;
}

function listOf(value: JsonValue, longest: number): readonly JsonValue[] | undefined {
  return Array.isArray(value) && value.length <= longest ? value : undefined;
}

/** Whether a value is a day of the calendar, written as in 2026-03-13. */
export function isDay(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}
