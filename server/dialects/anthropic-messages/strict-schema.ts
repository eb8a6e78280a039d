import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { badField } from '../read-fields.ts';

// What structured outputs take of JSON Schema: https://platform.claude.com/docs/en/build-with-claude/structured-outputs

/** Keywords that are refused; what they say becomes part of the description, for the model to read. */
const REFUSED: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'propertyNames',
  'dependentRequired',
  'if',
  'then',
  'else',
  'not',
]);

const FORMATS: ReadonlySet<string> = new Set(
  'date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' '),
);

/** A schema that can be kept to, and whether it says less than the one that was given. */
export interface StrictSchema {
  readonly schema: JsonObject;
  readonly weaker: boolean;
}

/** How deeply schemas may be nested; people's are a few levels deep. */
const MAX_LEVELS = 100;

/** Objects have no members but those named, and refused keywords are words. Throws SluiceError INVALID_REQUEST at a path. */
export function strictSchema(given: JsonObject, path: string): StrictSchema {
  const state = { weaker: false };
  const visit = (value: JsonValue, levels: number): JsonValue => {
    if (levels === 0) throw badField(path, 'it is nested too deeply');
    if (Array.isArray(value)) return value.map((item) => visit(item, levels - 1));
    return isJsonObject(value) ? visitSchema(value, levels) : value;
  };
  const visitMember = (name: string, value: JsonValue, levels: number): JsonValue => {
    if (NESTED.has(name)) return visit(value, levels - 1);
    if (!NAMED.has(name) || !isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, visit(one ?? null, levels - 1)]));
  };
  const visitSchema = (schema: JsonObject, levels: number): JsonObject => {
    const entries = Object.entries(schema).filter(([name]) => name !== '$schema');
    const refused = entries.filter(([name, value]) => isRefused(name, value ?? null));
    const kept = entries
      .filter((entry) => !refused.includes(entry))
      .map(([name, value]) => [renamed(name), visitMember(name, value ?? null, levels)] as const);
    const closed = schema['type'] === 'object' || isJsonObject(schema['properties']);
    state.weaker ||= refused.length > 0;
    return {
      ...Object.fromEntries(kept),
      ...(refused.length > 0 && { description: describe(schema, refused) }),
      ...(closed && { additionalProperties: false }),
    };
  };
  return { schema: visitSchema(given, MAX_LEVELS), weaker: state.weaker };
}

const NAMED: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
const NESTED: ReadonlySet<string> = new Set(['items', 'anyOf', 'oneOf', 'allOf']);

const renamed = (name: string): string => (name === 'oneOf' ? 'anyOf' : name);

function isRefused(name: string, value: JsonValue): boolean {
  if (name === 'minItems') return value !== 0 && value !== 1;
  if (name === 'format') return typeof value === 'string' && !FORMATS.has(value);
  return REFUSED.has(name);
}

function describe(schema: JsonObject, refused: readonly (readonly [string, JsonValue | undefined])[]): string {
  const said = typeof schema['description'] === 'string' ? `${schema['description']} ` : '';
  return `${said}(${refused.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ')})`;
}
