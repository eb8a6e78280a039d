import type { KeyEntry } from './key-entry.ts';

/** Who changed what. It holds no secret. */
export interface AuditRecord {
  /** The key that the change was made with. */
  readonly keyId: string;
  /** As in "sluice.admin.v1.KeyService/RevokeKey". */
  readonly method: string;
  /** What was changed, as in "key/abc". */
  readonly resource: string;
  readonly atMs: number;
}

/** Where keys outlive the process. All methods throw SluiceError STORE_UNAVAILABLE. */
export interface KeyStore {
  /** All keys, ended ones too. */
  all(): Promise<readonly KeyEntry[]>;
  /** Stores an entry, in the place of the one of its id, and who did it: both or neither. Resolves once they are durable. */
  put(entry: KeyEntry, audit: AuditRecord): Promise<void>;
}
