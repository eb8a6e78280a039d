import type { Message, Part } from '../../gen/sluice/v1/content_pb.ts';
import type { Generation, ResponseFormat } from '../../gen/sluice/v1/generation_pb.ts';
import type { Tool } from '../../gen/sluice/v1/tool_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { objectOfText, parsedJson } from './json-text.ts';
import type { Losses } from './losses.ts';

/** The only member of the object that stands for a value of another kind, in a request and in its answer. */
export const WRAPPER = 'sluice_value';

const EMULATION =
  'The format takes schemas of plain objects only: the value goes within one, and comes out of it again.';

/**
 * The request with objects at the root of all its schemas, as OpenAI's formats want them: what else a schema describes, a
 * list or one of several kinds, is asked for as the only member of an object. The answer gives the value itself: see
 * unwrap-value.ts. Throws SluiceError INVALID_REQUEST where a schema is no JSON object.
 */
export function wrapSchemas(generation: Generation, losses: Losses): Generation {
  const { tools, responseFormat, messages } = generation;
  const wrappedTools = tools.map((tool, at) => wrappedTool(tool, `generation.tools[${at}]`, losses));
  const format = responseFormat && wrappedFormat(responseFormat, losses);
  const names = new Set(wrappedTools.flatMap((tool, at) => (tool === tools[at] ? [] : nameOf(tool))));
  if (names.size === 0 && format === responseFormat) return generation;
  return {
    ...generation,
    tools: wrappedTools,
    ...(format !== undefined && { responseFormat: format }),
    messages: names.size === 0 ? messages : messages.map((message) => withWrappedCalls(message, names)),
  };
}

function nameOf({ kind }: Tool): string[] {
  return kind.case === 'function' ? [kind.value.name] : [];
}

function wrappedTool(tool: Tool, path: string, losses: Losses): Tool {
  if (tool.kind.case !== 'function') return tool;
  const field = `${path}.function.parameters_json_schema`;
  const wrapped = wrappedText(tool.kind.value.parametersJsonSchema, field);
  if (wrapped === undefined) return tool;
  losses.emulated(field, EMULATION);
  return { ...tool, kind: { case: 'function', value: { ...tool.kind.value, parametersJsonSchema: wrapped } } };
}

function wrappedFormat(format: ResponseFormat, losses: Losses): ResponseFormat {
  if (format.kind.case !== 'jsonSchema') return format;
  const field = 'generation.response_format.json_schema.schema_json';
  const wrapped = wrappedText(format.kind.value.schemaJson, field);
  if (wrapped === undefined) return format;
  losses.emulated(field, EMULATION);
  return { ...format, kind: { case: 'jsonSchema', value: { ...format.kind.value, schemaJson: wrapped } } };
}

/** What a root must not have: "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level". */
const REFUSED_AT_ROOT = ['oneOf', 'anyOf', 'allOf', 'enum', 'not', 'const', '$ref'];

/** Undefined where the schema is one of an object, or of anything. */
function wrappedText(text: string, path: string): string | undefined {
  const schema = text === '' ? {} : objectOfText(text, path);
  const { type } = schema;
  const plain = type === 'object' || (type === undefined && isJsonObject(schema['properties']));
  const refused = REFUSED_AT_ROOT.some((name) => name in schema);
  const anything = type === undefined && !refused;
  if (!refused && (plain || anything)) return undefined;
  return JSON.stringify(wrapped(schema));
}

/** Definitions stay at the root, where references look for them. */
function wrapped({ $schema: _, $id: __, $defs, definitions, ...schema }: JsonObject): JsonObject {
  const shared = { ...($defs !== undefined && { $defs }), ...(definitions !== undefined && { definitions }) };
  return {
    type: 'object',
    properties: { [WRAPPER]: moved(schema) },
    required: [WRAPPER],
    additionalProperties: false,
    ...movedMembers(shared),
  };
}

/** With references that find what they found before. */
function moved(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => moved(item));
  return isJsonObject(value) ? movedMembers(value) : value;
}

function movedMembers(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).map(([name, value = null]) => {
      const isReference =
        name === '$ref' && typeof value === 'string' && /^#(?!\/(?:\$defs|definitions)\/)/.test(value);
      return [name, isReference ? `#/properties/${WRAPPER}${value.slice(1)}` : moved(value)];
    }),
  );
}

/** So that the model sees its earlier calls as it is to write the next. */
function withWrappedCalls(message: Message, names: ReadonlySet<string>): Message {
  return { ...message, parts: message.parts.map((part) => withWrappedCall(part, names)) };
}

function withWrappedCall(part: Part, names: ReadonlySet<string>): Part {
  if (part.kind.case !== 'toolCall' || part.kind.value.providerExecuted) return part;
  const { name, input } = part.kind.value;
  if (!names.has(name) || input.case !== 'argumentsJson' || parsedJson(input.value) === undefined) return part;
  const value = `{"${WRAPPER}":${input.value}}`;
  return {
    ...part,
    kind: { case: 'toolCall', value: { ...part.kind.value, input: { case: 'argumentsJson', value } } },
  };
}
