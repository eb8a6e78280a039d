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
  /** Members of messages and of their tool calls that the provider refuses; they are left out, with a warning. */
  readonly dropMessageFields?: readonly string[];
  /** What ids of tool calls may be there, where the format's own rule does not hold or is not kept by callers. */
  readonly toolCallIds?: 'at-most-40' | 'nine-alphanumerics';
  /** The order of messages: users and assistants by turns, or no user right after a tool. */
  readonly turns?: 'alternate' | 'assistant-after-tools';
  /** Parts of a message and tools may bear cache_control there. */
  readonly cacheControl?: boolean;
  /** top_k is known there, though the format has none. */
  readonly topK?: boolean;
  /** stream_options is refused there; the provider sends usage unasked or not at all. */
  readonly noStreamOptions?: boolean;
  /** Streams there end without [DONE]: a finish reason for every choice is the terminal marker instead. */
  readonly endsWithoutDone?: boolean;
  /** Where a chunk holds usage, as a path of members, besides "usage": ["x_groq", "usage"]. */
  readonly usagePath?: readonly string[];
  /** The member of a message or delta that holds the model's thoughts. Unset: reasoning_content, then reasoning. */
  readonly reasoningField?: string;
  /** Thoughts come back there as reasoning_details, whatever format their proofs are of (OpenRouter). */
  readonly reasoningDetails?: boolean;
  /** completion_tokens there do not count reasoning_tokens, which are billed beside them (xAI). */
  readonly reasoningBesideOutput?: boolean;
  /**
   * Paths below the base URL, where they are not the format's own. In the place of {model} stands the model, URL-encoded;
   * a query may follow.
   */
  readonly paths?: {
    readonly chat?: string;
    /** Of chats whose answer is streamed, where it is not that of chat. */
    readonly chatStream?: string;
    readonly countTokens?: string;
    /** Of the Responses API. */
    readonly responses?: string;
    /** Of the older completions of text. */
    readonly completions?: string;
    readonly embeddings?: string;
  };
  /** Where the path holds {model}, the body does not name the model. */
  readonly modelInPath?: boolean;
  /** Answers cannot be held to a JSON Schema there: a tool that must be called stands in. */
  readonly noStructuredOutput?: boolean;
  /** Only float vectors are made there: encoding_format is left out. */
  readonly floatEmbeddingsOnly?: boolean;
}
