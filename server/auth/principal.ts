import type { Metadata } from '../../gen/sluice/v1/metadata_pb.ts';
import type { KeyLimits } from './key-limits.ts';
import type { RoleName } from './role.ts';

/** The project of keys that name none. */
export const DEFAULT_PROJECT = 'default';

/** Who calls. */
export interface Principal {
  /** The key's id, as records show it. */
  readonly keyId: string;
  /** The key's own metadata, which goes before what the caller says. */
  readonly metadata: Metadata | undefined;
  readonly role: RoleName;
  /** Unset: DEFAULT_PROJECT. */
  readonly projectId?: string;
  /** Unset: nothing narrows it. */
  readonly limits?: KeyLimits;
  /** When the key ends, in milliseconds since 1970. Unset: never. */
  readonly expiresAtMs?: number | undefined;
}
