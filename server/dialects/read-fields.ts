import { isJsonObject, type JsonObject, type JsonValue, numberOf } from '../core/json.ts';
import { SluiceError } from '../errors/sluice-error.ts';

/** An object of a caller's request and where it stands, as in messages[0]; the path of the body itself is empty. */
export interface Place {
  readonly json: JsonObject;
  readonly path: string;
}

/** The bounds of a number, both of which it may take. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** The largest value of the contract's unsigned integers. */
export const MAX_UINT32 = 0xffff_ffff;

export function pathOf(place: Place, key: string): string {
  return place.path === '' ? key : `${place.path}.${key}`;
}

/** The refusal of a member: where it stands, what was expected and what came. */
export function wrongField(path: string, expected: string, got: JsonValue | undefined): SluiceError {
  return badField(path, `expected ${expected}, but got ${describe(got)}`);
}

/** The refusal of a member, in words of its own. */
export function badField(path: string, complaint: string): SluiceError {
  return new SluiceError('INVALID_REQUEST', `Invalid '${path}': ${complaint}.`, {
    param: path,
    metadata: { field: path },
  });
}

function describe(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'string') return value.length > 64 ? 'another string' : `'${value}'`;
  if (isJsonObject(value)) return 'an object';
  return String(typeof value === 'boolean' ? value : numberOf(value));
}

/** The member, where null is as good as absent; a number is one however it was spelled. */
export function optional(place: Place, key: string): JsonValue | undefined {
  const value = place.json[key] ?? undefined;
  return typeof value === 'object' ? (numberOf(value) ?? value) : value;
}

export function optionalString(place: Place, key: string): string | undefined {
  const value = optional(place, key);
  if (value === undefined || typeof value === 'string') return value;
  throw wrongField(pathOf(place, key), 'a string', value);
}

export function requiredString(place: Place, key: string): string {
  const value = place.json[key];
  if (typeof value === 'string') return value;
  throw wrongField(pathOf(place, key), 'a string', value);
}

/** A string of at least one character. */
export function requiredName(place: Place, key: string): string {
  const value = place.json[key];
  if (typeof value === 'string' && value !== '') return value;
  throw wrongField(pathOf(place, key), 'a string that is not empty', value);
}

export function optionalBoolean(place: Place, key: string): boolean | undefined {
  const value = optional(place, key);
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrongField(pathOf(place, key), 'a boolean', value);
}

export function optionalNumber(place: Place, key: string, { min, max }: Bounds): number | undefined {
  const value = optional(place, key);
  if (value === undefined || (typeof value === 'number' && value >= min && value <= max)) return value;
  throw wrongField(pathOf(place, key), `a number from ${min} to ${max}`, value);
}

export function optionalInteger(place: Place, key: string, { min, max }: Bounds): number | undefined {
  const value = optional(place, key);
  if (value === undefined) return value;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw wrongField(pathOf(place, key), `an integer from ${min} to ${max}`, value);
}

export function optionalObject(place: Place, key: string): Place | undefined {
  const value = optional(place, key);
  if (value === undefined) return undefined;
  return asPlace(value, pathOf(place, key));
}

export function requiredObject(place: Place, key: string): Place {
  return asPlace(place.json[key], pathOf(place, key));
}

/** The value as an object at such a path. */
export function asPlace(value: JsonValue | undefined, path: string): Place {
  if (isJsonObject(value)) return { json: value, path };
  throw wrongField(path, 'an object', value);
}

export function optionalList(place: Place, key: string): readonly JsonValue[] | undefined {
  const value = optional(place, key);
  if (value === undefined || Array.isArray(value)) return value;
  throw wrongField(pathOf(place, key), 'an array', value);
}

/** A list of objects. */
export function optionalObjects(place: Place, key: string): readonly Place[] | undefined {
  return optionalList(place, key)?.map((item, index) => asPlace(item, `${pathOf(place, key)}[${index}]`));
}

/** A list of strings. */
export function optionalStrings(place: Place, key: string): readonly string[] | undefined {
  return optionalList(place, key)?.map((item, index) => {
    if (typeof item === 'string') return item;
    throw wrongField(`${pathOf(place, key)}[${index}]`, 'a string', item);
  });
}

/** JSON text of a part of a request. Throws INVALID_REQUEST where it is nested too deeply to be written. */
export function textOfJson(value: JsonValue, path: string): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw badField(path, 'it is nested too deeply');
  }
}
