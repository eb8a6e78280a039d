// The words of https://platform.openai.com/docs/api-reference/embeddings

export const DIALECT = 'openai-embeddings';

/** Below the provider's base URL, which ends in /v1 at OpenAI. */
export const EMBEDDINGS_PATH = '/embeddings';
