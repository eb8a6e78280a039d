import type { WireQuirks } from '../core/wire-quirks.ts';

/** How a preset's key is sent; server/config has the headers. */
export type PresetAuthScheme =
  | 'bearer'
  | 'x-api-key'
  | 'api-key'
  | 'x-goog-api-key'
  | 'aws-sigv4'
  | 'google-service-account'
  | 'entra';

/** Where the paths of a preset hold the version of its API. */
export const VERSION_PLACE = '{api_version}';

/** Chat formats of presets. */
export type PresetDialect = 'openai-chat' | 'anthropic-messages' | 'gemini' | 'bedrock-converse' | 'cohere';

/** What is known of a provider, so that a configuration need not say it. */
export interface ProviderPreset {
  /** As the configuration names it, and the usual name of the provider itself. */
  readonly name: string;
  /** For people. */
  readonly displayName: string;
  /** Where its API begins, without a slash at its end. May hold {region}, AWS's. Empty where it is each customer's own. */
  readonly baseUrl: string;
  /** What a base URL looks like that is each customer's own. */
  readonly baseUrlForm?: string;
  /** The environment variables that usually hold its key, the most usual first. Empty: it needs no key. */
  readonly envVars: readonly string[];
  /** How a key is sent. */
  readonly authScheme: PresetAuthScheme;
  /** The format of its chat API, a name of server/dialects. */
  readonly dialect: PresetDialect;
  /** The format of its embedding API; undefined where it has none in a known format. */
  readonly embeddingDialect: 'openai-embeddings' | 'gemini' | 'cohere' | undefined;
  /** It runs on the operator's own machine or network. */
  readonly allowPrivateAddress: boolean;
  readonly quirks: WireQuirks;
  /** The paths that stand instead of those of the quirks where a file names an api_version: {api_version} is its place. */
  readonly versionedPaths?: NonNullable<WireQuirks['paths']>;
  /** A few well-known models for lists; others can be called all the same. */
  readonly models: readonly string[];
  /** The page that documents the base URL and, where there are any, the quirks. */
  readonly docs: string;
}
