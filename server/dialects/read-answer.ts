import { isJsonObject, type JsonObject, type JsonValue, numberOf } from '../core/json.ts';
import { parseJson } from '../core/parse-json.ts';
import { AttemptError } from '../errors/attempt-error.ts';
import { MAX_UINT32 } from './read-fields.ts';

// Providers' answers are read leniently: a member of another type is as good as absent, because one odd member must not
// cost the caller an answer that has been paid for.

/** A provider's JSON text as an object. Throws AttemptError MALFORMED. */
export function parseAnswer(text: string): JsonObject {
  try {
    return answerObject(JSON.parse(text));
  } catch (cause) {
    throw malformed(cause);
  }
}

/**
 * The same where the answer may hold JSON that is not the format's, as arguments of tools given as an object: numbers keep
 * their spelling, and are to be read with numberOf.
 */
export function parseExactAnswer(text: string): JsonObject {
  try {
    return answerObject(parseJson(text));
  } catch (cause) {
    throw malformed(cause);
  }
}

function answerObject(value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  throw new AttemptError('MALFORMED', 'The provider sent JSON that is not an object.');
}

function malformed(cause: unknown): AttemptError {
  if (cause instanceof AttemptError) return cause;
  return new AttemptError('MALFORMED', 'The provider sent text that is not JSON.', { cause });
}

/** The text, or nothing. */
export function stringOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function objectOf(value: JsonValue | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

/** What every absent list is: each chunk of a stream lacks most of them. */
const NONE: readonly never[] = Object.freeze([]);

export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : NONE;
}

/** The objects of a list. */
export function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  const list = listOf(value);
  return list.every(isJsonObject) ? list : list.filter(isJsonObject);
}

/** A count as the contract can hold it; undefined for all that is none, so that it stays unknown. */
export function countOf(value: JsonValue | undefined): number | undefined {
  const count = numberOf(value);
  return count !== undefined && Number.isInteger(count) && count >= 0 && count <= MAX_UINT32 ? count : undefined;
}

/** JSON text of a part of an answer. Throws AttemptError MALFORMED where it is nested too deeply to be written. */
export function textOfAnswer(value: JsonValue): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new AttemptError('MALFORMED', 'The provider sent JSON that is nested too deeply.', { cause });
  }
}
