import type { Config } from '../../gen/sluice/config/v1/config_pb.ts';
import { createKeyRing, type KeyRecord } from '../auth/key-ring.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Secret } from '../core/secret.ts';
import { compileProvider } from './compile-provider.ts';
import { compileDirectRoute, compileRoutes } from './compile-route.ts';
import { revisionOf } from './revision.ts';
import type { Snapshot } from './snapshot.ts';

/** What a snapshot is made of besides the configuration. */
export interface CompileInput {
  readonly config: Config;
  /** By the path of the field that refers to them. */
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly keys: readonly KeyRecord[];
  readonly catalogue: Catalogue;
  /** Of the catalogue files that the configuration names, SHA-256 each. */
  readonly digests: readonly string[];
  readonly nowMs: number;
  /** Whether names without a route go to the only provider. */
  readonly bareModels: boolean;
}

/** Compiles a valid configuration into the form that calls are served from. Pure, and total on what has been validated. */
export function compileSnapshot(input: CompileInput): Snapshot {
  const { config, secrets, keys, catalogue, digests, nowMs, bareModels } = input;
  const providers = config.providers.map((provider, index) =>
    compileProvider(provider, `providers[${index}]`, secrets),
  );
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  return Object.freeze({
    revision: revisionOf(config, digests),
    loadedAtMs: nowMs,
    providers: byName,
    routes: compileRoutes(config.routes, byName),
    directRoute: compileDirectRoute(),
    bareModelProvider: bareModels && providers.length === 1 ? providers[0]?.name : undefined,
    keys: createKeyRing(keys),
    catalogue,
    corsOrigins: Object.freeze([...(config.cors?.allowedOrigins ?? [])]),
  });
}
