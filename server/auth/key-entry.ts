import type { KeyLimits } from './key-limits.ts';
import type { Principal } from './principal.ts';
import type { RoleName } from './role.ts';

/** A key that was made by a call, as it is stored: never its secret. Moments are in milliseconds since 1970. */
export interface KeyEntry extends KeyLimits {
  readonly id: string;
  readonly projectId: string;
  readonly displayName: string;
  readonly role: RoleName;
  readonly creatorKeyId: string;
  readonly createdAtMs: number;
  readonly notBeforeMs: number | undefined;
  readonly expiresAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
  /** SHA-256 of the whole key, 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** The one before the last rotation, which works until then. */
  readonly old: { readonly sha256: string; readonly untilMs: number } | undefined;
}

export type KeyStateName = 'ACTIVE' | 'PENDING' | 'EXPIRED' | 'REVOKED';

/** Whether a key can be used at a moment. */
export function keyState({ revokedAtMs, expiresAtMs, notBeforeMs }: KeyEntry, nowMs: number): KeyStateName {
  if (revokedAtMs !== undefined) return 'REVOKED';
  if (expiresAtMs !== undefined && nowMs >= expiresAtMs) return 'EXPIRED';
  return notBeforeMs !== undefined && nowMs < notBeforeMs ? 'PENDING' : 'ACTIVE';
}

/** Who calls with it. */
export function principalOf({ id, role, projectId, models, requiredMetadata, expiresAtMs }: KeyEntry): Principal {
  const limits = { models, requiredMetadata };
  return Object.freeze({ keyId: id, metadata: undefined, role, projectId, limits, expiresAtMs });
}
