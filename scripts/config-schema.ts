import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DescEnum,
  type DescField,
  type DescMessage,
  fromBinary,
  getOption,
  hasOption,
  ScalarType,
} from '@bufbuild/protobuf';
import { DurationSchema, type FileDescriptorProto, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { type FieldRules, field as fieldRules } from '../gen/buf/validate/validate_pb.ts';
import { ConfigSchema } from '../gen/sluice/config/v1/config_pb.ts';
import { NUMBER_WORDS } from '../server/config/decode-value.ts';
import type { JsonObject } from '../server/core/json.ts';

const ROOT = join(import.meta.dirname, '..');
const TARGET = join(ROOT, 'sluice.schema.json');

/** Comments of messages and fields by their full names, as in sluice.config.v1.Provider.name. */
export type Comments = ReadonlyMap<string, string>;

/**
 * The JSON Schema (2020-12) of sluice.yaml for editors, from the contract: names, types, bounds and comments. It is a
 * little narrower than Sluice itself, which also takes null for unset and an enum's full names.
 */
export function configJsonSchema(comments: Comments): JsonObject {
  const definitions = new Map<string, JsonObject>();
  addDefinition(definitions, ConfigSchema, comments);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'sluice.yaml',
    $ref: reference(ConfigSchema),
    $defs: Object.fromEntries([...definitions].sort(([left], [right]) => (left < right ? -1 : 1))),
  };
}

/** Fields of which some must stand together, which the contract has no rule for: the server checks them by itself. */
const ALTERNATIVES: Readonly<Record<string, JsonObject>> = {
  'sluice.config.v1.Target': {
    anyOf: [
      { properties: { provider: true, model: true }, required: ['provider', 'model'] },
      { properties: { route: true }, required: ['route'] },
    ],
  },
};

function addDefinition(definitions: Map<string, JsonObject>, message: DescMessage, comments: Comments): void {
  if (definitions.has(message.typeName)) return;
  const fields = message.fields;
  const required = fields.filter((field) => isRequired(rulesOf(field))).map((field) => field.name);
  definitions.set(message.typeName, {
    ...described(comments, message.typeName),
    type: 'object',
    properties: Object.fromEntries(
      fields.map((field) => [field.name, { ...described(comments, nameOf(field)), ...fieldSchema(field) }]),
    ),
    ...(required.length > 0 && { required }),
    ...ALTERNATIVES[message.typeName],
    additionalProperties: false,
  });
  for (const { message: child } of fields) {
    if (child !== undefined && child.typeName !== DurationSchema.typeName) addDefinition(definitions, child, comments);
  }
}

function fieldSchema(field: DescField): JsonObject {
  const rules = rulesOf(field);
  const { case: kind, value } = rules?.type ?? { case: undefined };
  if (field.fieldKind === 'list') {
    const bounds = kind === 'repeated' ? value : undefined;
    return {
      type: 'array',
      items: elementSchema(field, bounds?.items),
      ...count('minItems', bounds?.minItems),
      ...count('maxItems', bounds?.maxItems),
      ...(bounds?.unique === true && { uniqueItems: true }),
    };
  }
  if (field.fieldKind === 'map') {
    const bounds = kind === 'map' ? value : undefined;
    return {
      type: 'object',
      propertyNames: stringSchema(bounds?.keys),
      additionalProperties: elementSchema(field, bounds?.values),
      ...count('minProperties', bounds?.minPairs),
      ...count('maxProperties', bounds?.maxPairs),
    };
  }
  return elementSchema(field, rules);
}

function elementSchema(field: DescField, rules: FieldRules | undefined): JsonObject {
  if (field.message !== undefined) {
    return field.message.typeName === DurationSchema.typeName ? DURATION : { $ref: reference(field.message) };
  }
  if (field.enum !== undefined) return enumSchema(field.enum);
  switch (field.scalar) {
    case ScalarType.STRING:
      return stringSchema(rules);
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.UINT32:
      return uint32Schema(rules);
    case ScalarType.DOUBLE:
      return doubleSchema(rules);
    default:
      throw new Error(`${nameOf(field)} is of a type that configuration files do not hold yet`);
  }
}

/** As server/core/duration.ts reads them. */
const DURATION: JsonObject = {
  type: 'string',
  pattern: '^\\d{1,12}(\\.\\d{1,9})?(ms|s|m|h|d)$',
  examples: ['250ms', '10s', '5m', '1h', '30d'],
};

function enumSchema(desc: DescEnum): JsonObject {
  const names = desc.values.filter((value) => value.number !== 0).map((value) => value.localName);
  const numbers = [...(NUMBER_WORDS.get(desc.typeName)?.keys() ?? [])].filter((word) => typeof word === 'number');
  return { enum: [...names, ...numbers] };
}

function stringSchema(rules: FieldRules | undefined): JsonObject {
  const bounds = rules?.type.case === 'string' ? rules.type.value : undefined;
  const allowed = (bounds?.in ?? []).filter((value) => value !== '');
  return {
    type: 'string',
    ...(allowed.length > 0 && { enum: allowed }),
    ...count('minLength', bounds?.minLen),
    ...count('maxLength', bounds?.maxLen),
    ...(bounds !== undefined && bounds.pattern !== '' && { pattern: bounds.pattern }),
  };
}

function uint32Schema(rules: FieldRules | undefined): JsonObject {
  const bounds = rules?.type.case === 'uint32' ? rules.type.value : undefined;
  const { greaterThan, lessThan } = bounds ?? { greaterThan: { case: undefined }, lessThan: { case: undefined } };
  return {
    type: 'integer',
    minimum: greaterThan.case === undefined ? 0 : greaterThan.value + (greaterThan.case === 'gt' ? 1 : 0),
    maximum: lessThan.case === undefined ? 2 ** 32 - 1 : lessThan.value - (lessThan.case === 'lt' ? 1 : 0),
  };
}

/** Bounds of prices alone so far, and those hold their ends. */
function doubleSchema(rules: FieldRules | undefined): JsonObject {
  const bounds = rules?.type.case === 'double' ? rules.type.value : undefined;
  return {
    type: 'number',
    ...(bounds?.greaterThan.case === 'gte' && { minimum: bounds.greaterThan.value }),
    ...(bounds?.lessThan.case === 'lte' && { maximum: bounds.lessThan.value }),
  };
}

/** A bound that is not set, which reads as 0, says nothing. */
function count(keyword: string, bound: bigint | undefined): JsonObject {
  return bound === undefined || bound === 0n ? {} : { [keyword]: Number(bound) };
}

function isRequired(rules: FieldRules | undefined): boolean {
  if (rules === undefined) return false;
  const { case: kind, value } = rules.type;
  return rules.required || (kind === 'string' && value.minLen > 0n) || (kind === 'repeated' && value.minItems > 0n);
}

function rulesOf(field: DescField): FieldRules | undefined {
  return hasOption(field, fieldRules) ? getOption(field, fieldRules) : undefined;
}

function nameOf(field: DescField): string {
  return `${field.parent.typeName}.${field.name}`;
}

function reference(message: DescMessage): string {
  return `#/$defs/${message.typeName}`;
}

function described(comments: Comments, name: string): JsonObject {
  const comment = comments.get(name);
  return comment === undefined ? {} : { description: comment };
}

/** Reads the comments from the .proto files, which generated descriptors leave out. */
export function readComments(): Comments {
  const buf = join(ROOT, 'node_modules', '.bin', 'buf');
  const image = execFileSync(buf, ['build', '-o', '-#format=binpb'], { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
  return new Map(fromBinary(FileDescriptorSetSchema, image).file.flatMap(commentsOf));
}

/** Field numbers of google/protobuf/descriptor.proto: FileDescriptorProto.message_type, DescriptorProto.field. */
const MESSAGE_TYPE = 4;
const FIELD = 2;

function commentsOf(file: FileDescriptorProto): readonly [string, string][] {
  const texts = new Map(
    (file.sourceCodeInfo?.location ?? []).map(({ path, leadingComments }) => [path.join('.'), leadingComments]),
  );
  const comment = (name: string, path: readonly number[]): [string, string][] => {
    const text = texts.get(path.join('.'))?.replaceAll(/\s+/g, ' ').trim() ?? '';
    return text === '' ? [] : [[name, text]];
  };
  return file.messageType.flatMap((message, at) => {
    const name = `${file.package}.${message.name}`;
    const fields = message.field.flatMap((field, index) =>
      comment(`${name}.${field.name}`, [MESSAGE_TYPE, at, FIELD, index]),
    );
    return [...comment(name, [MESSAGE_TYPE, at]), ...fields];
  });
}

if (import.meta.main) {
  writeFileSync(process.argv[2] ?? TARGET, `${JSON.stringify(configJsonSchema(readComments()), undefined, 2)}\n`);
}
