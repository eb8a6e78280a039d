import { randomBytes } from 'node:crypto';

/** Random bytes are drawn for so many ids at a time: one draw costs as much as one call's routing. */
const IDS_PER_DRAW = 256;
const RANDOM_BYTES = 10;

let drawn: Buffer = Buffer.alloc(0);
let used = 0;

/** A new id such as req_0192f1c8a2b7…: a prefix, 12 hexadecimal digits of the time in milliseconds, 20 random ones. */
export function newId(prefix: string, nowMs: number): string {
  if (used === drawn.length) {
    drawn = randomBytes(IDS_PER_DRAW * RANDOM_BYTES);
    used = 0;
  }
  const random = drawn.toString('hex', used, used + RANDOM_BYTES);
  used += RANDOM_BYTES;
  return `${prefix}_${Math.trunc(nowMs).toString(16).padStart(12, '0')}${random}`;
}
