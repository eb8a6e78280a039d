/** What a model can do. Routes ask for these words too; the other ones are for people and for translations. */
export const CAPABILITIES = [
  'assistant_prefill',
  'audio',
  'audio_output',
  'documents',
  'embeddings',
  'image_output',
  'json_object',
  'json_schema',
  'logprobs',
  'parallel_tools',
  'prompt_caching',
  'reasoning',
  'streaming',
  'temperature',
  'tools',
  'video',
  'vision',
] as const;

export type Capability = (typeof CAPABILITIES)[number];

/** What goes into a model or comes out of it. */
export const MODALITIES = ['audio', 'embedding', 'image', 'pdf', 'text', 'video'] as const;

export type Modality = (typeof MODALITIES)[number];

/** What tokens are billed as. Those of images and audio are apart where a provider has a price of its own for them. */
export const RATE_NAMES = [
  'input',
  'output',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'audio_input',
  'audio_output',
  'audio_cache_read',
  'image_input',
  'image_output',
  'video_input',
] as const;

export type RateName = (typeof RATE_NAMES)[number];

/** What is billed by the piece. */
export const FEE_NAMES = ['request', 'web_search'] as const;

export type FeeName = (typeof FEE_NAMES)[number];

/** Nano-dollars per million tokens. What is missing is not known, which is not the same as free. */
export type Rates = Readonly<Partial<Record<RateName, bigint>>>;

/** Nano-dollars for one. */
export type Fees = Readonly<Partial<Record<FeeName, bigint>>>;

/** Rates of every token of a request whose prompt is longer than so many tokens. Other rates stay as they are. */
export interface PriceTier {
  readonly above: number;
  readonly rates: Rates;
}

/** A part of each day, UTC, as in 01:00 to 04:00; the end is not in it. */
export interface DayHours {
  readonly from: string;
  readonly to: string;
}

/** What a model costs from a day on, and who says so. */
export interface DatedPrice {
  /** The first day, UTC, as in 2026-03-13. Undefined: as far back as is known. */
  readonly from: string | undefined;
  /** When it holds instead of the price without hours. Undefined: always. */
  readonly hours: DayHours | undefined;
  /** The page that says so. */
  readonly source: string;
  readonly rates: Rates;
  readonly fees: Fees;
  /** By rising length. */
  readonly tiers: readonly PriceTier[];
}

/** What is known of a model at a provider. Undefined, or missing among the capabilities, is not known. Days are UTC. */
export interface ModelCard {
  /** A preset's name, or a provider's of the configuration where the operator wrote the card. */
  readonly provider: string;
  /** In the provider's words. */
  readonly id: string;
  /** Other names of the same model there. */
  readonly aliases: readonly string[];
  /** For people. */
  readonly name: string | undefined;
  /** Tokens of prompt and answer together. */
  readonly contextLength: number | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly input: readonly Modality[];
  readonly output: readonly Modality[];
  readonly capabilities: Readonly<Partial<Record<Capability, boolean>>>;
  /** Where it runs, as far as is known. */
  readonly regions: readonly string[];
  readonly released: string | undefined;
  /** When the provider said that it will go. */
  readonly deprecated: string | undefined;
  /** The last day on which the provider serves it. */
  readonly retires: string | undefined;
  /** After that day the provider answers with the successor, at the successor's price, instead of an error. */
  readonly rerouted: boolean;
  /** The provider's own advice: a model of the same provider. */
  readonly successor: string | undefined;
  /** The page that tells the days above. */
  readonly lifecycleSource: string | undefined;
  /** By rising day; within a day the one without hours first. */
  readonly prices: readonly DatedPrice[];
}
