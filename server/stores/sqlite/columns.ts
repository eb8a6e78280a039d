import type { SqlValue } from './unit.ts';

/** A whole number of a column that holds nothing else. */
export function integer(value: SqlValue | undefined): bigint {
  if (typeof value !== 'bigint') throw new TypeError('A column of whole numbers holds something else.');
  return value;
}

/** Moments are whole milliseconds in the tables. */
export function moment(ms: number): bigint {
  return BigInt(Math.trunc(ms));
}
