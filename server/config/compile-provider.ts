import type { Provider } from '../../gen/sluice/config/v1/config_pb.ts';
import { Secret } from '../core/secret.ts';
import type { WireQuirks } from '../core/wire-quirks.ts';
import { CHAT_DIALECTS, type ChatDialectName, type DialectName } from '../dialects/dialect.ts';
import { type ProviderPreset, VERSION_PLACE } from '../providers/preset.ts';
import { PRESETS } from '../providers/presets.ts';
import { authHeader, authSchemeOf } from './auth-header.ts';
import { REGION_PLACE } from './aws-region.ts';
import { type AuthSecrets, compileAuth, compileRegion } from './compile-auth.ts';
import { compileTraits } from './compile-traits.ts';
import { entryPath } from './config-path.ts';
import type { PooledCredential, ProviderPresetUse, ProviderSnapshot } from './snapshot.ts';

/** The format of each chat format's embedding API, for providers that no preset tells about. */
const EMBEDDING_DIALECTS: Readonly<Record<ChatDialectName, DialectName | undefined>> = {
  'openai-chat': 'openai-embeddings',
  'openai-responses': 'openai-embeddings',
  'openai-completions': undefined,
  'anthropic-messages': undefined,
  gemini: 'gemini',
  'bedrock-converse': undefined,
  cohere: 'cohere',
};

/** Compiles a valid provider: what the file says, else what its preset says. path is its own, as in providers[0]. */
export function compileProvider(
  provider: Provider,
  path: string,
  secrets: ReadonlyMap<string, Secret>,
): ProviderSnapshot {
  const preset = PRESETS.get(provider.preset);
  const pool = compilePool(provider, { path, secrets });
  const at = { path, secrets, keyField: pool.length > 0 ? poolField(0) : 'credential' };
  // For a region's place only: other presets need none.
  const region = compileRegion(provider, at) ?? '';
  const baseUrl = provider.baseUrl || (preset?.baseUrl ?? '').replace(REGION_PLACE, region);
  const dialect = chatDialect(provider.dialect) ?? preset?.dialect ?? 'openai-chat';
  return Object.freeze({
    name: provider.name,
    dialect,
    embeddingDialect: preset?.dialect === dialect ? preset.embeddingDialect : EMBEDDING_DIALECTS[dialect],
    baseUrl: new URL(baseUrl).href.replace(/\/+$/, ''),
    headers: compileHeaders(provider, at),
    auth: compileAuth(provider, at),
    ...(pool.length > 1 && { pool }),
    allowPrivateAddress: provider.allowPrivateAddress || (preset?.allowPrivateAddress ?? false),
    quirks: compileQuirks(provider, preset),
    ...(preset !== undefined && { preset: presetUse(provider, preset) }),
    models: Object.freeze(provider.models.length > 0 ? [...provider.models] : [...(preset?.models ?? [])]),
    ...compileTraits(provider),
  });
}

/** A preset without an address of its own, or on the operator's own machines, is another installation each time. */
function presetUse(provider: Provider, { name, baseUrl, allowPrivateAddress }: ProviderPreset): ProviderPresetUse {
  return Object.freeze({ name, ownAddress: provider.baseUrl === '' && baseUrl !== '' && !allowPrivateAddress });
}

function compileQuirks({ apiVersion }: Provider, preset: ProviderPreset | undefined): WireQuirks {
  if (preset?.versionedPaths === undefined || apiVersion === '') return preset?.quirks ?? {};
  const paths = Object.entries(preset.versionedPaths).map(([kind, path]): [string, string] => {
    return [kind, path.replace(VERSION_PLACE, apiVersion)];
  });
  return Object.freeze({ ...preset.quirks, paths: Object.freeze(Object.fromEntries(paths)) });
}

/** The contract allows no other names; empty is the preset's. */
function chatDialect(name: string): ChatDialectName | undefined {
  return CHAT_DIALECTS.find((known) => known === name);
}

/** Each of several credentials with all that it changes of a request. */
function compilePool(provider: Provider, at: Omit<AuthSecrets, 'keyField'>): readonly PooledCredential[] {
  const pool = provider.credentials.map(({ name, weight }, index) => {
    const own = { ...at, keyField: poolField(index) };
    return Object.freeze({
      name: name === '' ? `credentials[${index}]` : name,
      weight: weight ?? 1,
      headers: compileHeaders(provider, own),
      auth: compileAuth(provider, own),
    });
  });
  return Object.freeze(pool);
}

function poolField(index: number): string {
  return `credentials[${index}].credential`;
}

function compileHeaders(provider: Provider, { path, keyField, secrets }: AuthSecrets): ReadonlyMap<string, Secret> {
  const headers = new Map<string, Secret>();
  for (const [name, value] of Object.entries(provider.headers)) {
    headers.set(name.toLowerCase(), secrets.get(entryPath(`${path}.headers`, name)) ?? new Secret(value));
  }
  const key = secrets.get(`${path}.${keyField}`);
  const auth = authHeader(authSchemeOf(provider));
  if (key !== undefined && auth !== undefined) headers.set(auth.name, new Secret(`${auth.prefix}${key.reveal()}`));
  return headers;
}
