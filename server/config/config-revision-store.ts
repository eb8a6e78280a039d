/** Where a configuration came from, as sluice.admin.v1.ConfigSource names it. */
export type ConfigSourceName = 'FILE' | 'APPLIED';

/** That a configuration came in force. */
export interface ConfigRevisionEntry {
  /** The snapshot's revision. */
  readonly revision: string;
  readonly source: ConfigSourceName;
  /** The key that applied it; empty for a file. */
  readonly keyId: string;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
}

/** The same with what it takes to put it in force again. */
export interface ConfigRevisionRecord extends ConfigRevisionEntry {
  /** The text of the configuration. */
  readonly yaml: string;
  /** The SHA-256 of the file's text at that time, in hexadecimal digits; of the empty text where there was no file. */
  readonly fileSha256: string;
}

/** The place of a record in the history: the first is 1, later ones are higher. */
export interface Sequenced {
  readonly sequence: number;
}

/**
 * The history of the configuration: append only. All methods throw SluiceError STORE_UNAVAILABLE where the store cannot be
 * read or written.
 */
export interface ConfigRevisionStore {
  /** The newest record; undefined while there is none. */
  latest(): Promise<(ConfigRevisionRecord & Sequenced) | undefined>;
  /**
   * Appends all records in their order, or none of them, and resolves with the last one's place once they are as durable as
   * the store makes them. Resolves with undefined, and appends nothing, where the newest record is another than the one at the
   * place `after`; 0 where there shall be none yet.
   */
  append(records: readonly ConfigRevisionRecord[], after: number): Promise<number | undefined>;
  /** The newest first, at most `limit`; with `before` only those at lower places. */
  list(page: {
    readonly before?: number;
    readonly limit: number;
  }): Promise<readonly (ConfigRevisionEntry & Sequenced)[]>;
  /** The newest record of a revision; undefined where there is none. */
  find(revision: string): Promise<(ConfigRevisionRecord & Sequenced) | undefined>;
}
