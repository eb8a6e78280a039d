import { randomBytes } from 'node:crypto';

/** Chance, so that tests can own it. */
export interface Random {
  /** A number from 0 up to but not including 1, for jitter and choices; not for secrets. */
  next(): number;
}

export const systemRandom: Random = { next: () => Math.random() };

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Text of so many characters out of 62, drawn evenly from the system's secure source. 43 characters hold 256 bits. */
export function randomToken(length: number): string {
  let token = '';
  while (token.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // 248 is the largest multiple of 62 in a byte: above it, the first characters would come too often.
      if (byte < 248 && token.length < length) token += ALPHABET[byte % 62];
    }
  }
  return token;
}
