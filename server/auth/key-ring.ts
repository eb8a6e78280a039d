import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
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
}

/**
 * Looks keys up in constant time: the table is keyed by an HMAC under a secret of this process, so that neither the
 * look-up's timing nor a chosen digest says anything about a key, and the final comparison is timingSafeEqual.
 */
export function createKeyRing(records: readonly KeyRecord[]): KeyRing {
  const pepper = randomBytes(32);
  const blind = (sha256: Buffer): string => createHmac('sha256', pepper).update(sha256).digest('base64');
  const table = new Map(records.map((record) => [blind(record.sha256), record]));
  return {
    size: records.length,
    find(sha256) {
      const record = table.get(blind(sha256));
      return record !== undefined && timingSafeEqual(record.sha256, sha256) ? record.principal : undefined;
    },
  };
}
