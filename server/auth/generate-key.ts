import { createHash } from 'node:crypto';
import { randomToken } from '../core/random.ts';
import { Secret } from '../core/secret.ts';

/** What is kept of a key. */
export interface StoredKey {
  readonly id: string;
  /** SHA-256 of the whole key, 64 hexadecimal digits in lower case. */
  readonly sha256: string;
}

export interface GeneratedKey {
  readonly stored: StoredKey;
  /** The whole key, to be shown once: sk-sluice-<12 id>-<43 secret>, the secret holding 256 bits of chance. */
  readonly key: Secret;
}

/** Makes a new key, or a new secret of an id. The id is part of it, so that a leaked key can be told from others without its secret. */
export function generateKey(id: string = randomToken(12)): GeneratedKey {
  const key = `sk-sluice-${id}-${randomToken(43)}`;
  return { stored: { id, sha256: createHash('sha256').update(key).digest('hex') }, key: new Secret(key) };
}
