import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';

// What Google takes of JSON Schema in responseJsonSchema and parametersJsonSchema:
// https://ai.google.dev/api/generate-content#FIELDS.response_json_schema

const KEPT: ReadonlySet<string> = new Set([
  '$id',
  '$defs',
  '$ref',
  '$anchor',
  'type',
  'format',
  'title',
  'description',
  'enum',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'anyOf',
  'oneOf',
  'properties',
  'additionalProperties',
  'required',
  'propertyOrdering',
]);

/** They say nothing of the values. */
const SILENT: ReadonlySet<string> = new Set(['$schema', '$comment']);

/** A schema as Google takes it, and the keywords that were left out of it. */
export interface NarrowSchema {
  readonly schema: JsonObject;
  readonly left: readonly string[];
}

/** Keywords that Google does not know are left out; those that it knows another word for are written so. */
export function narrowSchema(given: JsonObject): NarrowSchema {
  const left = new Set<string>();
  return { schema: visitObject(given, left), left: [...left] };
}

function visit(value: JsonValue | undefined, left: Set<string>): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item: JsonValue) => visit(item, left) ?? null);
  return isJsonObject(value) ? visitObject(value, left) : value;
}

function visitObject(given: JsonObject, left: Set<string>): JsonObject {
  const schema = plain(given);
  // Beside a reference nothing may stand but what begins with "$".
  const reference = schema['$ref'] !== undefined;
  const members = Object.entries(schema).flatMap(([name, value]): [string, JsonValue | undefined][] => {
    if (SILENT.has(name)) return [];
    if (KEPT.has(name) && (!reference || name.startsWith('$'))) return [[name, visitMember(name, value, left)]];
    left.add(name);
    return [];
  });
  return Object.fromEntries(members);
}

/** Older words in the newer ones, as far as they say the same. */
function plain(given: JsonObject): JsonObject {
  const { definitions, const: only, allOf, ...rest } = given;
  const [one, ...more] = Array.isArray(allOf) ? allOf : [];
  return {
    ...(isJsonObject(one) && more.length === 0 ? one : allOf === undefined ? {} : { allOf }),
    ...rest,
    ...(Array.isArray(rest['items']) && { items: undefined, prefixItems: rest['items'] }),
    ...(definitions !== undefined && { $defs: definitions }),
    ...(typeof only === 'string' || typeof only === 'number'
      ? { enum: [only] }
      : only !== undefined && { const: only }),
    ...(typeof rest['$ref'] === 'string' && { $ref: rest['$ref'].replace('#/definitions/', '#/$defs/') }),
  };
}

/** Members by name are schemas; texts and lists of texts stay as they are. */
function visitMember(name: string, value: JsonValue | undefined, left: Set<string>): JsonValue | undefined {
  switch (name) {
    case 'properties':
    case '$defs':
      if (!isJsonObject(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([key, schema]) => [key, visit(schema, left)]));
    case 'items':
    case 'prefixItems':
    case 'anyOf':
    case 'oneOf':
    case 'additionalProperties':
      return visit(value, left);
    default:
      return value;
  }
}
