import { isUtf8 } from 'node:buffer';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { SluiceError } from '../errors/sluice-error.ts';

/** A request's body as a JSON object. Throws INVALID_REQUEST. Of a member given twice the last one counts, everywhere. */
export function readJsonObject(body: unknown, maxDepth: number): JsonObject {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new SluiceError('INVALID_REQUEST', 'The body is empty; a JSON object was expected.');
  }
  if (!isUtf8(body)) throw new SluiceError('INVALID_REQUEST', 'The body is not UTF-8.');
  const value = parse(body.toString('utf8'));
  if (!isJsonObject(value)) throw new SluiceError('INVALID_REQUEST', 'The body is not a JSON object.');
  if (deeperThan(value, maxDepth)) {
    throw new SluiceError('INVALID_REQUEST', `The body is nested deeper than ${maxDepth} levels.`);
  }
  return value;
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (thrown) {
    const detail = thrown instanceof SyntaxError ? `: ${thrown.message}` : '';
    throw new SluiceError('INVALID_REQUEST', `The body is not valid JSON${detail.slice(0, 200)}`);
  }
}

function deeperThan(value: JsonValue | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((item) => deeperThan(item, levels - 1));
  for (const key in value) if (deeperThan((value as JsonObject)[key], levels - 1)) return true;
  return false;
}
