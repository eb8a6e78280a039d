import { isJsonObject, type JsonObject, type JsonValue, numberOf } from '../core/json.ts';
import { parseJson } from '../core/parse-json.ts';
import { badField } from './read-fields.ts';

/** As many levels as the REST door reads: what is deeper cannot be relied on to be written again. */
const MAX_LEVELS = 200;

/** JSON text within a canonical request, as an object whose numbers keep their spelling. Throws SluiceError INVALID_REQUEST with its path. */
export function objectOfText(text: string, path: string): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch {
    throw badField(path, 'it is not JSON');
  }
  if (!isJsonObject(value)) throw badField(path, 'it is not a JSON object');
  if (isDeeperThan(MAX_LEVELS, value)) throw badField(path, 'it is nested too deeply');
  return value;
}

/** JSON text that nobody vouches for, as a value; undefined where it is none, or one too deep to be written again. */
export function parsedJson(text: string): JsonValue | undefined {
  try {
    const value = parseJson(text);
    return isDeeperThan(MAX_LEVELS, value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** The same as an object; undefined where it is none. */
export function parsedObject(text: string): JsonObject | undefined {
  const value = parsedJson(text);
  return isJsonObject(value) ? value : undefined;
}

function isDeeperThan(levels: number, value: JsonValue | undefined): boolean {
  if (typeof value !== 'object' || value === null || numberOf(value) !== undefined) return false;
  if (levels === 0) return true;
  const members: readonly (JsonValue | undefined)[] = Array.isArray(value) ? value : Object.values(value);
  return members.some((member) => isDeeperThan(levels - 1, member));
}
