import type { KeyRing } from '../auth/key-ring.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Secret } from '../core/secret.ts';
import type { WireQuirks } from '../core/wire-quirks.ts';
import type { DialectName } from '../dialects/dialect.ts';
import type { Route, TargetTraits } from '../routing/route.ts';

/** Credentials that are not a fixed header: made, signed and renewed by server/upstream. */
export type ProviderAuth =
  | {
      readonly kind: 'aws-sigv4';
      readonly region: string;
      /** Undefined: looked up where AWS's own tools look. */
      readonly keys: AwsKeys | undefined;
      /** Of the credentials file; undefined: AWS_PROFILE, else "default". */
      readonly profile: string | undefined;
    }
  | {
      readonly kind: 'google-service-account';
      /** The key file's JSON text. */
      readonly key: Secret;
      readonly scope: string;
      /** Undefined: as the key file says. */
      readonly tokenUrl: string | undefined;
    }
  | {
      readonly kind: 'entra';
      readonly tenantId: string;
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scope: string;
      readonly authorityUrl: string;
    };

/** Keys of AWS. */
export interface AwsKeys {
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  /** Of temporary keys. */
  readonly sessionToken: Secret | undefined;
}

/** One of several credentials of a provider. */
export interface PooledCredential {
  /** As decisions show it. */
  readonly name: string;
  readonly weight: number;
  /** In the place of the provider's. */
  readonly headers: ReadonlyMap<string, Secret>;
  readonly auth: ProviderAuth | undefined;
}

/** A provider, compiled: nothing left to look up. */
export interface ProviderSnapshot extends TargetTraits {
  readonly name: string;
  /** The format of its chat API. */
  readonly dialect: DialectName;
  /** The format of its embedding API; undefined where it has none. */
  readonly embeddingDialect: DialectName | undefined;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** Header names in lower case to values, credentials among them. */
  readonly headers: ReadonlyMap<string, Secret>;
  /** Undefined where the headers hold all there is. */
  readonly auth: ProviderAuth | undefined;
  /** Several credentials, of which headers and auth hold the first; undefined where there is one or none. */
  readonly pool?: readonly PooledCredential[];
  readonly allowPrivateAddress: boolean;
  readonly quirks: WireQuirks;
  /** The preset that it is of; undefined where it is none. */
  readonly preset?: ProviderPresetUse;
  /** For lists of models; others can be called all the same. */
  readonly models: readonly string[];
}

/** How a provider uses a preset. */
export interface ProviderPresetUse {
  readonly name: string;
  /** It is reached at the preset's own public address, so that it is the provider itself and nothing in its place. */
  readonly ownAddress: boolean;
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
  /** What is known of models. */
  readonly catalogue: Catalogue;
  readonly corsOrigins: readonly string[];
}

/** Holds the snapshot in force. */
export interface SnapshotHolder {
  current(): Snapshot;
  swap(next: Snapshot): void;
}
