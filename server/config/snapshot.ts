import type { KeyRing } from '../auth/key-ring.ts';
import type { Secret } from '../core/secret.ts';
import type { WireQuirks } from '../core/wire-quirks.ts';
import type { DialectName } from '../dialects/dialect.ts';
import type { Route } from '../routing/route.ts';

/** A provider, compiled: nothing left to look up. */
export interface ProviderSnapshot {
  readonly name: string;
  /** The format of its chat API. */
  readonly dialect: DialectName;
  /** The format of its embedding API; undefined where it has none. */
  readonly embeddingDialect: DialectName | undefined;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** Header names in lower case to values, credentials among them. */
  readonly headers: ReadonlyMap<string, Secret>;
  readonly allowPrivateAddress: boolean;
  readonly quirks: WireQuirks;
  /** For lists of models; others can be called all the same. */
  readonly models: readonly string[];
}

/** One revision of the configuration, immutable. A call pins one for its whole life. */
export interface Snapshot {
  /** Derived from the content: the same file gives the same revision. */
  readonly revision: string;
  /** Milliseconds since 1970. */
  readonly loadedAtMs: number;
  readonly providers: ReadonlyMap<string, ProviderSnapshot>;
  readonly routes: ReadonlyMap<string, Route>;
  /** The route's defaults for "provider/model" addresses. */
  readonly directRoute: Omit<Route, 'name' | 'targets'>;
  /** The provider that bare model names go to: the only one, where no file configures Sluice. */
  readonly bareModelProvider: string | undefined;
  readonly keys: KeyRing;
  readonly corsOrigins: readonly string[];
}

/** Holds the snapshot in force. */
export interface SnapshotHolder {
  current(): Snapshot;
  swap(next: Snapshot): void;
}
