import { timingSafeEqual } from 'node:crypto';
import type { Principal } from './principal.ts';

/** A key as it is kept: never the key itself. */
export interface KeyRecord {
  readonly principal: Principal;
  /** SHA-256 of the key, 32 bytes. */
  readonly sha256: Buffer;
}

/** The keys in force. */
export interface KeyRing {
  readonly size: number;
  /** Whose key this is, by the SHA-256 of what was presented; undefined for any other. */
  find(sha256: Buffer): Principal | undefined;
  /** Whose key has this id. Says who that is, not that anybody has the key. */
  named(id: string): Principal | undefined;
}

/**
 * Looks keys up by their digest. Whoever times the look-up learns at most something of the digests of his own guesses, which
 * says nothing of a 256-bit key; the final comparison is in constant time all the same.
 */
export function createKeyRing(records: readonly KeyRecord[]): KeyRing {
  const table = new Map(records.map((record) => [record.sha256.toString('latin1'), record]));
  return {
    size: records.length,
    find(sha256) {
      const record = table.get(sha256.toString('latin1'));
      return record !== undefined && timingSafeEqual(record.sha256, sha256) ? record.principal : undefined;
    },
    named: (id) => records.find(({ principal }) => principal.keyId === id)?.principal,
  };
}
