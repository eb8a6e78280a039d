import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';

// Google's older Schema, a subset of OpenAPI 3.0: https://ai.google.dev/api/caching#Schema

/** 64-bit integers, which protobuf JSON writes as texts. */
const COUNTS: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
]);

/** A Schema as JSON Schema, which all other formats take. Its members may be in snake_case too. */
export function jsonSchemaOf(schema: JsonObject): JsonObject {
  const { nullable, example, propertyOrdering: _, property_ordering: __, ...rest } = schema;
  const members = Object.entries(rest).map(([name, value]) => {
    const plainName = OTHER_NAMES.get(name) ?? name;
    return [plainName, memberOf(plainName, value)] as const;
  });
  const type = typeOf(schema['type'], nullable === true);
  return {
    ...Object.fromEntries(members),
    ...(type !== undefined && { type }),
    ...(example !== undefined && { examples: [example] }),
  };
}

const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['any_of', 'anyOf'],
  ['min_items', 'minItems'],
  ['max_items', 'maxItems'],
  ['min_length', 'minLength'],
  ['max_length', 'maxLength'],
  ['min_properties', 'minProperties'],
  ['max_properties', 'maxProperties'],
]);

function typeOf(type: JsonValue | undefined, nullable: boolean): JsonValue | undefined {
  if (typeof type !== 'string' || type === 'TYPE_UNSPECIFIED') return undefined;
  return nullable ? [type.toLowerCase(), 'null'] : type.toLowerCase();
}

function memberOf(name: string, value: JsonValue | undefined): JsonValue | undefined {
  if (name === 'properties' && isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, schema]) => [key, schemaOrValue(schema)]));
  }
  if (name === 'anyOf' && Array.isArray(value)) return value.map((item: JsonValue) => schemaOrValue(item) ?? null);
  if (name === 'items') return schemaOrValue(value);
  return COUNTS.has(name) && typeof value === 'string' ? Number(value) : value;
}

function schemaOrValue(value: JsonValue | undefined): JsonValue | undefined {
  return isJsonObject(value) ? jsonSchemaOf(value) : value;
}
