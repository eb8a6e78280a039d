/** Answers in words, as does any other name. */
export const CHAT_MODEL = 'simulated-chat';
/** Shows thoughts before its answer. */
export const REASONING_MODEL = 'simulated-reasoning';
export const EMBEDDING_MODEL = 'simulated-embedding';

/** The models that the simulator lists. Any name is answered. */
export const MODELS: readonly string[] = [CHAT_MODEL, REASONING_MODEL, EMBEDDING_MODEL];

/** 2026-01-01, in seconds since 1970. */
const CREATED = 1_767_225_600;

/** The list of models in OpenAI's format, as JSON text. https://platform.openai.com/docs/api-reference/models/list */
export function encodeModelList(): string {
  const data = MODELS.map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'sluice-simulator' }));
  return JSON.stringify({ object: 'list', data });
}
