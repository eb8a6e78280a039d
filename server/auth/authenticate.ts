import { SluiceError } from '../errors/sluice-error.ts';
import type { KeyRing } from './key-ring.ts';
import type { Principal } from './principal.ts';

/** Stands for a missing key, so that a missing one costs the same look-up as a wrong one. No key has this digest. */
const NO_KEY = Buffer.alloc(32);

/**
 * Whose key was presented, by its SHA-256 as presentedKey gives it. Throws UNAUTHENTICATED with one and the same
 * message whatever is wrong.
 */
export function authenticate(keys: KeyRing, keySha256: Buffer | undefined): Principal {
  const principal = keys.find(keySha256 ?? NO_KEY);
  if (keySha256 === undefined || principal === undefined) {
    throw new SluiceError('UNAUTHENTICATED', 'The API key is missing or not valid.');
  }
  return principal;
}
