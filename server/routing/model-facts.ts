/** What a model may be able to do, in the words of the configuration. */
export const CAPABILITIES = [
  'tools',
  'json_object',
  'json_schema',
  'vision',
  'audio',
  'documents',
  'reasoning',
  'streaming',
  'audio_output',
  'image_output',
] as const;

export type Capability = (typeof CAPABILITIES)[number];

/** What is known of a model at a provider. What is not known is unset, and then nothing follows from it. */
export interface ModelFacts {
  /** Tokens of prompt and answer together. */
  readonly contextLength?: number;
  readonly maxOutputTokens?: number;
  /** True: it can; false: it cannot; missing: nobody knows. */
  readonly capabilities?: Readonly<Partial<Record<Capability, boolean>>>;
  /** In force at the time of asking, in billionths of a US dollar per million tokens. */
  readonly price?: { readonly input: bigint; readonly output: bigint } | undefined;
  /** Where it may run; a target's own region goes before. */
  readonly regions?: readonly string[];
  readonly quantization?: string;
}

/** Looks up what is known of a model; undefined where nothing is. Called for each candidate of each call: it must be quick. */
export type ModelFactsBook = (target: {
  readonly provider: string;
  readonly model: string;
  /** Milliseconds since 1970: prices change. */
  readonly nowMs: number;
}) => ModelFacts | undefined;
