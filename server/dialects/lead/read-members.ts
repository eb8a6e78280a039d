import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { SluiceError } from '../../errors/sluice-error.ts';

/**
 * Reads members of a caller's body. A member that is null is as one that is absent; one of another shape throws
 * INVALID_REQUEST with its path as param, as in messages[0].role.
 */
export interface Members {
  readonly path: string;
  readonly json: JsonObject;
  string(name: string): string | undefined;
  boolean(name: string): boolean | undefined;
  /** Within the range, ends included. */
  number(name: string, range?: Range): number | undefined;
  integer(name: string, range?: Range): number | undefined;
  object(name: string): Members | undefined;
  /** The items of an array as they are, with their paths. */
  array(name: string): readonly Item[] | undefined;
  /** As above, but absent is wrong too. */
  requiredString(name: string): string;
  requiredObject(name: string): Members;
  requiredArray(name: string): readonly Item[];
  /** The error to throw for a member. */
  wrong(name: string, expected: string): SluiceError;
}

export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** An item of an array. */
export interface Item {
  readonly path: string;
  readonly value: JsonValue | undefined;
}

export function readMembers(json: JsonObject, path = ''): Members {
  const pathOf = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const wrong = (name: string, expected: string): SluiceError => wrongShape(pathOf(name), expected, json[name]);
  const read = <T>(name: string, expected: string, take: (value: JsonValue) => T | undefined): T | undefined => {
    const value = json[name];
    if (value === undefined || value === null) return undefined;
    const taken = take(value);
    if (taken === undefined) throw wrong(name, expected);
    return taken;
  };
  const required = <T>(name: string, expected: string, value: T | undefined): T => {
    if (value === undefined) throw wrong(name, expected);
    return value;
  };
  const members: Members = {
    path,
    json,
    wrong,
    string: (name) => read(name, 'a string', (value) => (typeof value === 'string' ? value : undefined)),
    boolean: (name) => read(name, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined)),
    number: (name, range = {}) =>
      read(name, rangeText('a number', range), (value) => (isNumberIn(value, range) ? value : undefined)),
    integer: (name, range = {}) =>
      read(name, rangeText('an integer', range), (value) =>
        isNumberIn(value, range) && Number.isSafeInteger(value) ? value : undefined,
      ),
    object: (name) =>
      read(name, 'an object', (value) => (isJsonObject(value) ? readMembers(value, pathOf(name)) : undefined)),
    array: (name) =>
      read(name, 'an array', (value) =>
        Array.isArray(value)
          ? value.map((item: JsonValue, index) => ({ path: `${pathOf(name)}[${index}]`, value: item }))
          : undefined,
      ),
    requiredString: (name) => required(name, 'a string', members.string(name)),
    requiredObject: (name) => required(name, 'an object', members.object(name)),
    requiredArray: (name) => required(name, 'an array', members.array(name)),
  };
  return members;
}

/** An item that must be an object. */
export function itemMembers({ value, path }: Item): Members {
  if (!isJsonObject(value)) throw wrongShape(path, 'an object', value);
  return readMembers(value, path);
}

/** An item that must be a string. */
export function itemString({ value, path }: Item): string {
  if (typeof value !== 'string') throw wrongShape(path, 'a string', value);
  return value;
}

/** The error for a value of the wrong shape. The value itself is not repeated: it may be anything. */
export function wrongShape(path: string, expected: string, value: JsonValue | undefined): SluiceError {
  const found = value === undefined ? 'it is missing' : `it is ${kindOf(value)}`;
  return new SluiceError('INVALID_REQUEST', `'${path}' must be ${expected}, but ${found}.`, {
    param: path,
    metadata: { field: path },
    violations: [{ field: path, description: `must be ${expected}` }],
    ...(value === undefined ? { restCode: 'missing_required_parameter' } : {}),
  });
}

function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return `the number ${value}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isNumberIn(value: JsonValue, { min, max }: Range): value is number {
  return (
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (min === undefined || value >= min) &&
    (max === undefined || value <= max)
  );
}

function rangeText(kind: string, { min, max }: Range): string {
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`;
  if (min !== undefined) return `${kind} of at least ${min}`;
  return max === undefined ? kind : `${kind} of at most ${max}`;
}
