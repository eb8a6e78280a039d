import type { Provider } from '../../gen/sluice/config/v1/config_pb.ts';
import { Secret } from '../core/secret.ts';
import { CHAT_DIALECTS, type ChatDialectName, type DialectName } from '../dialects/dialect.ts';
import { PRESETS } from '../providers/presets.ts';
import { authHeader, authSchemeOf } from './auth-header.ts';
import { entryPath } from './config-path.ts';
import type { ProviderSnapshot } from './snapshot.ts';

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
  const baseUrl = provider.baseUrl === '' ? (preset?.baseUrl ?? '') : provider.baseUrl;
  const dialect = chatDialect(provider.dialect) ?? preset?.dialect ?? 'openai-chat';
  return Object.freeze({
    name: provider.name,
    dialect,
    embeddingDialect: preset?.dialect === dialect ? preset.embeddingDialect : EMBEDDING_DIALECTS[dialect],
    baseUrl: new URL(baseUrl).href.replace(/\/+$/, ''),
    headers: compileHeaders(provider, path, secrets),
    auth: undefined,
    allowPrivateAddress: provider.allowPrivateAddress || (preset?.allowPrivateAddress ?? false),
    quirks: preset?.quirks ?? {},
    models: Object.freeze(provider.models.length > 0 ? [...provider.models] : [...(preset?.models ?? [])]),
  });
}

/** The contract allows no other names; empty is the preset's. */
function chatDialect(name: string): ChatDialectName | undefined {
  return CHAT_DIALECTS.find((known) => known === name);
}

function compileHeaders(
  provider: Provider,
  path: string,
  secrets: ReadonlyMap<string, Secret>,
): ReadonlyMap<string, Secret> {
  const headers = new Map<string, Secret>();
  for (const [name, value] of Object.entries(provider.headers)) {
    headers.set(name.toLowerCase(), secrets.get(entryPath(`${path}.headers`, name)) ?? new Secret(value));
  }
  const key = secrets.get(`${path}.credential`);
  const auth = authHeader(authSchemeOf(provider));
  if (key !== undefined && auth !== undefined) headers.set(auth.name, new Secret(`${auth.prefix}${key.reveal()}`));
  return headers;
}
