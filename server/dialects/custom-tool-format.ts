import { isJsonObject, type JsonObject } from '../core/json.ts';

// OpenAI writes the grammar of a custom tool's input in two ways; a request holds the one of its caller's format.

/** As the Responses API has it: {type, syntax, definition}. */
export function flatFormat(format: JsonObject): JsonObject {
  const { grammar, ...others } = format;
  return format['type'] === 'grammar' && isJsonObject(grammar) ? { ...others, ...grammar } : format;
}

/** As chats have it: {type, grammar: {syntax, definition}}. */
export function nestedFormat(format: JsonObject): JsonObject {
  if (format['type'] !== 'grammar' || isJsonObject(format['grammar'])) return format;
  const { type, ...grammar } = format;
  return { type, grammar };
}
