/** Nano-dollars per million tokens of each kind. What is missing is not known, which is not the same as free. */
export interface TokenRates {
  readonly input?: bigint;
  readonly output?: bigint;
  readonly cache_read?: bigint;
  readonly cache_write?: bigint;
  readonly cache_write_1h?: bigint;
  readonly audio_input?: bigint;
  readonly audio_output?: bigint;
}

/** Rates of every token of a request whose prompt is longer than so many tokens. Other rates stay as they are. */
export interface RateTier {
  readonly above: number;
  readonly rates: TokenRates;
}

/** What a model costs at the time of a call. */
export interface PriceSheet {
  /** Names the price in every charge made by it. */
  readonly version: string;
  readonly rates: TokenRates;
  /** Nano-dollars for one. */
  readonly fees: { readonly request?: bigint; readonly web_search?: bigint };
  /** By rising length. */
  readonly tiers: readonly RateTier[];
}

/** The rates that hold for a prompt of so many tokens. */
export function ratesFor({ rates, tiers }: PriceSheet, inputTokens: number): TokenRates {
  const tier = tiers.findLast(({ above }) => inputTokens > above);
  return tier === undefined ? rates : { ...rates, ...tier.rates };
}
