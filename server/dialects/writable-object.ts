import type { JsonObject } from '../core/json.ts';
import { objectOfText } from './json-text.ts';
import { textOfJson } from './read-fields.ts';

/** JSON text within a canonical request as an object that can be written again. Throws SluiceError INVALID_REQUEST. */
export function writableObject(text: string, path: string): JsonObject {
  const object = objectOfText(text, path);
  textOfJson(object, path);
  return object;
}
