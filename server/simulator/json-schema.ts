import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { numberForSchema } from './schema-numbers.ts';
import { stringForSchema } from './schema-strings.ts';

/** Below this depth only what a schema requires is made, so that schemas that name themselves come to an end. */
const OPTIONAL_DEPTH = 6;
/** Below this depth nothing more is made: a schema that requires itself has no finite value. */
const MAX_DEPTH = 32;
/** The most parts of a value: such a schema may also branch. */
const MAX_PARTS = 20_000;
/** Items of a list that may have any number. */
const ITEMS = 2;

/**
 * A value that keeps to a JSON Schema, always the same for the same schema and seed. Understands type, const, enum,
 * anyOf, oneOf, allOf, $ref within the schema, properties, required, additionalProperties, minProperties, items,
 * prefixItems, bounds and formats; not pattern, not, if or dependencies.
 */
export function valueForSchema(schema: JsonValue, seed: number): JsonValue {
  return makeValue(schema, { root: schema, seed, depth: 0, name: 'value', budget: { parts: MAX_PARTS } });
}

interface Place {
  readonly root: JsonValue;
  readonly seed: number;
  /** Objects, lists and references that it stands in. */
  readonly depth: number;
  readonly budget: { parts: number };
  /** What the value is called: the property that it stands in. */
  readonly name: string;
}

function makeValue(schema: JsonValue | undefined, place: Place): JsonValue {
  place.budget.parts -= 1;
  if (!isJsonObject(schema) || place.depth > MAX_DEPTH || place.budget.parts < 0)
    return schema === false ? null : place.name;
  if (schema.const !== undefined) return schema.const;
  const choices = schema.enum;
  if (isList(choices) && choices.length > 0) return choices[place.seed % choices.length] ?? null;
  const merged = mergeParts(schema, place);
  return merged === schema ? makeTyped(schema, place) : makeValue(merged, { ...place, depth: place.depth + 1 });
}

function makeTyped(schema: JsonObject, place: Place): JsonValue {
  switch (typeOf(schema)) {
    case 'object':
      return makeObject(schema, place);
    case 'array':
      return makeArray(schema, place);
    case 'string':
      return stringForSchema(schema, place.name);
    case 'integer':
      return numberForSchema(schema, place.seed, 'integer');
    case 'number':
      return numberForSchema(schema, place.seed, 'number');
    case 'boolean':
      return place.seed % 2 === 0;
    case 'null':
      return null;
    default:
      return place.name;
  }
}

/** The schema with $ref, allOf, anyOf and oneOf put into it; the same object where there is none of them. */
function mergeParts(schema: JsonObject, place: Place): JsonObject {
  const { $ref: reference, allOf, anyOf, oneOf, ...rest } = schema;
  const parts: JsonValue[] = [];
  if (typeof reference === 'string') parts.push(resolveReference(reference, place.root));
  if (isList(allOf)) parts.push(...allOf);
  for (const options of [anyOf, oneOf]) if (isList(options)) parts.push(pickOption(options, place));
  if (parts.length === 0) return schema;
  return parts.filter(isJsonObject).reduce<JsonObject>(merge, rest);
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  const properties = { ...objectOf(left.properties), ...objectOf(right.properties) };
  const required = [...listOf(left.required), ...listOf(right.required)];
  return {
    ...left,
    ...right,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
    ...mergeAllOf(left, right),
  };
}

/** Parts of parts are merged on the next round: both lists together. */
function mergeAllOf(left: JsonObject, right: JsonObject): JsonObject {
  const both = [...listOf(left.allOf), ...listOf(right.allOf)];
  return both.length > 0 ? { allOf: both } : {};
}

/** The first option; deep down one that names no other schema, and so comes to an end, if there is any. */
function pickOption(options: readonly JsonValue[], { depth, root }: Place): JsonValue {
  const end = depth < OPTIONAL_DEPTH ? undefined : options.find((option) => comesToAnEnd(option, root));
  return end ?? options[0] ?? {};
}

function comesToAnEnd(option: JsonValue, root: JsonValue): boolean {
  const reference = isJsonObject(option) ? option.$ref : undefined;
  const meant = typeof reference === 'string' ? resolveReference(reference, root) : option;
  return !JSON.stringify(meant).includes('"$ref"');
}

/** What a JSON Pointer of the form "#/$defs/Node" leads to; an empty schema where it leads nowhere. */
function resolveReference(reference: string, root: JsonValue): JsonValue {
  if (!reference.startsWith('#')) return {};
  let at: JsonValue | undefined = root;
  for (const step of reference.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : isList(at) ? at[Number(key)] : undefined;
  }
  return at ?? {};
}

function typeOf(schema: JsonObject): string {
  const type = schema.type;
  if (typeof type === 'string') return type;
  if (isList(type)) return String(type.find((one) => one !== 'null') ?? type[0] ?? '');
  if (schema.properties !== undefined || schema.required !== undefined) return 'object';
  if (schema.items !== undefined || schema.prefixItems !== undefined) return 'array';
  if (['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].some((key) => key in schema))
    return 'number';
  return 'string';
}

function makeObject(schema: JsonObject, place: Place): JsonObject {
  const properties = objectOf(schema.properties);
  const required = listOf(schema.required).filter((name) => typeof name === 'string');
  const most = numberOf(schema.maxProperties) ?? Infinity;
  const optional = place.depth < OPTIONAL_DEPTH ? Object.keys(properties) : [];
  const names = new Set([...required, ...optional].slice(0, Math.max(most, required.length)));
  const least = numberOf(schema.minProperties) ?? 0;
  for (const name of Object.keys(properties)) if (names.size < least) names.add(name);
  for (let i = 1; names.size < least; i++) names.add(`${place.name}_${i}`);
  const entries = Array.from(names, (name): [string, JsonValue] => {
    const own = Object.hasOwn(properties, name) ? properties[name] : schema.additionalProperties;
    return [name, makeValue(own, { ...place, depth: place.depth + 1, name })];
  });
  return Object.fromEntries(entries);
}

function makeArray(schema: JsonObject, place: Place): readonly JsonValue[] {
  const prefix = listOf(schema.prefixItems);
  const least = numberOf(schema.minItems) ?? 0;
  const most = numberOf(schema.maxItems) ?? Infinity;
  const usual = place.depth < OPTIONAL_DEPTH && schema.items !== undefined && schema.items !== false ? ITEMS : 0;
  const length = Math.min(most, Math.max(least, prefix.length, usual));
  const items: JsonValue[] = [];
  const seen = new Set<string>();
  // Lists of unique items step through seeds; a small enum can run out of values, so tries have a bound.
  for (let tries = 0; items.length < length && tries < length * 8; tries++) {
    const seed = place.seed + (schema.uniqueItems === true ? tries : items.length);
    const name = schema.uniqueItems === true ? `${place.name} ${tries + 1}` : place.name;
    const item = makeValue(prefix[items.length] ?? schema.items, { ...place, seed, depth: place.depth + 1, name });
    const text = JSON.stringify(item);
    if (schema.uniqueItems !== true || !seen.has(text)) items.push(item);
    seen.add(text);
  }
  return items;
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isList(value) ? value : [];
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
