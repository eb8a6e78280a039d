import { randomBytes } from 'node:crypto';

/** A new id such as req_0192f1c8a2b7…: a prefix, 12 hexadecimal digits of the time in milliseconds, 20 random ones. */
export function newId(prefix: string, nowMs: number): string {
  return `${prefix}_${Math.trunc(nowMs).toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`;
}
