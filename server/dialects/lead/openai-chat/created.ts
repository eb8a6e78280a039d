import { type Timestamp, timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { JsonValue } from '../../../core/json.ts';

/** The last second that a protobuf Timestamp can say: 9999-12-31T23:59:59Z. */
const LAST_SECOND = 253_402_300_799;

/** created, in seconds since 1970, as a field of a message; empty where the provider sent something else. */
export function createTimeOf(created: JsonValue | undefined): { readonly createTime?: Timestamp } {
  if (typeof created !== 'number' || !(created >= 0 && created <= LAST_SECOND)) return {};
  return { createTime: timestampFromMs(Math.trunc(created) * 1000) };
}

/** The same back again; 0 where unknown, since OpenAI requires a number. */
export function createdOf(createTime: Timestamp | undefined): number {
  return Number(createTime?.seconds ?? 0n);
}

/** choices[i].index; the position where the provider sent something else. */
export function indexOf(value: JsonValue | undefined, position: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 16 ? value : position;
}
