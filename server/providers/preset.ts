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

/** Chat formats of presets. */
export type PresetDialect = 'openai-chat' | 'anthropic-messages' | 'gemini' | 'bedrock-converse' | 'cohere';

/** What is known of a provider, so that a configuration need not say it. */
export interface ProviderPreset {
  /** As the configuration names it, and the usual name of the provider itself. */
  readonly name: string;
  /** For people. */
  readonly displayName: string;
  /** Where its API begins, without a slash at its end. */
  readonly baseUrl: string;
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
  /** A few well-known models for lists; others can be called all the same. */
  readonly models: readonly string[];
  /** The page that documents the base URL and, where there are any, the quirks. */
  readonly docs: string;
}
