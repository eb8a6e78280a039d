import type { JsonSchemaFormat } from '../../gen/sluice/v1/generation_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { objectOfText } from './json-text.ts';
import type { Losses } from './losses.ts';

/** A schema as a text of the canonical request, where it stands there, and whether it shall be kept to. */
export interface AskedSchema {
  readonly text: string;
  readonly path: string;
  readonly strict: boolean | undefined;
  readonly losses: Losses;
}

export interface OpenAiSchema {
  readonly schema: JsonObject;
  readonly strict: boolean | undefined;
}

/**
 * A schema as OpenAI takes it: objects with a list of their members ("object schema missing properties") and lists with a
 * kind of items ("array schema missing items"). Strict only where the rules for strict schemas hold, with a warning where
 * they do not. Throws SluiceError INVALID_REQUEST where the text is no JSON object.
 */
export function openAiSchema({ text, path, strict, losses }: AskedSchema): OpenAiSchema {
  const schema = completed({ ...objectOfText(text, path), type: 'object' });
  if (strict !== true || isStrict(schema)) return { schema, strict };
  const field = path.replace(/[^.]+$/, 'strict');
  losses.approximated(field, 'The schema breaks the rules for strict ones: it is sent as one that is not.');
  return { schema, strict: false };
}

/** The members that name an answer's schema; undefined where it says no more than that the answer is a JSON object. */
export function namedSchema(format: JsonSchemaFormat, losses: Losses): JsonObject | undefined {
  const { name, description, schemaJson, strict } = format;
  const path = 'generation.response_format.json_schema';
  if (Object.keys(schemaJson === '' ? {} : objectOfText(schemaJson, `${path}.schema_json`)).length === 0) {
    if (name !== '' || description !== '' || strict !== undefined)
      losses.dropped(path, 'Without a schema only JSON is asked for.');
    return undefined;
  }
  const sent = schemaName(name);
  if (name !== '' && sent !== name) losses.approximated(`${path}.name`, `The name is sent as ${sent}.`);
  return {
    name: sent,
    description: description || undefined,
    ...openAiSchema({ text: schemaJson, path: `${path}.schema_json`, strict, losses }),
  };
}

/** "Must be a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum length of 64"; other formats need none. */
function schemaName(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_-]+/g, '_').slice(0, 64) || 'answer';
}

function completed(schema: JsonObject): JsonObject {
  const members = Object.entries(schema).map(([name, value = null]) => [name, completedMember(name, value)]);
  return {
    ...Object.fromEntries(members),
    ...(schema['type'] === 'object' && schema['properties'] === undefined && { properties: {} }),
    ...(schema['type'] === 'array' && schema['items'] === undefined && { items: {} }),
  };
}

function completedMember(name: string, value: JsonValue): JsonValue {
  if (NAMED.has(name) && isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, one = null]) => [key, completedValue(one)]));
  }
  return NESTED.has(name) ? completedValue(value) : value;
}

function completedValue(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => completedValue(item));
  return isJsonObject(value) ? completed(value) : value;
}

const NAMED: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
const NESTED: ReadonlySet<string> = new Set(['items', 'anyOf', 'oneOf', 'allOf']);

/** Not supported: https://developers.openai.com/api/docs/guides/structured-outputs#supported-schemas */
const NEVER_STRICT = ['oneOf', 'allOf', 'not', 'dependentRequired', 'dependentSchemas', 'if', 'then', 'else'];

/** All members of all objects are required, and there are no others. */
function isStrict(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.every((item: JsonValue) => isStrict(item));
  if (!isJsonObject(value)) return true;
  const { type, properties, required, additionalProperties } = value;
  const named = isJsonObject(properties) ? Object.entries(properties) : [];
  const all = Array.isArray(required) && named.every(([name]) => required.includes(name));
  const isObject = type === 'object' || properties !== undefined;
  if (isObject && (additionalProperties !== false || (named.length > 0 && !all))) return false;
  if (NEVER_STRICT.some((name) => name in value)) return false;
  const members = [...NAMED].flatMap((name) => Object.values(isJsonObject(value[name]) ? value[name] : {}));
  return [...members, ...[...NESTED].map((name) => value[name])].every(isStrict);
}
