/**
 * How one provider departs from the wire format that it speaks. Data of server/providers, read by server/dialects;
 * both import it from here because neither imports the other. Every member is optional: none means "as the format says".
 */
export interface WireQuirks {
  /** Members of the request body that the provider refuses; they are left out, with a warning. */
  readonly dropFields?: readonly string[];
  /** Members of the request body that have another name there. */
  readonly renameFields?: Readonly<Record<string, string>>;
  /** Members that are set in each request body unless the caller set them. */
  readonly defaultFields?: Readonly<Record<string, string | number | boolean>>;
  /** The developer role is unknown there: send it as system. */
  readonly developerRole?: 'system';
  /** stream_options is refused there; the provider sends usage unasked or not at all. */
  readonly noStreamOptions?: boolean;
  /** Streams there end without [DONE]: a finish reason for every choice is the terminal marker instead. */
  readonly endsWithoutDone?: boolean;
  /** Where a chunk holds usage, as a path of members, besides "usage": ["x_groq", "usage"]. */
  readonly usagePath?: readonly string[];
  /** The member of a message or delta that holds the model's thoughts. Unset: reasoning_content, then reasoning. */
  readonly reasoningField?: string;
  /** completion_tokens there do not count reasoning_tokens, which are billed beside them (xAI). */
  readonly reasoningBesideOutput?: boolean;
  /** Paths below the base URL, where they are not the format's own. */
  readonly paths?: { readonly chat?: string; readonly embeddings?: string };
  /** Only float vectors are made there: encoding_format is left out. */
  readonly floatEmbeddingsOnly?: boolean;
}
