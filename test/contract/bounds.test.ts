import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type DescField, type DescMessage, type DescService, getOption, ScalarType } from '@bufbuild/protobuf';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import { type FieldRules, field as fieldOption } from '../../gen/buf/validate/validate_pb.ts';
import { ConfigSchema } from '../../gen/sluice/config/v1/config_pb.ts';
import { ROOT } from './buf.ts';

/**
 * Texts that may be as long as the whole request: prompts, documents, schemas and what a model wrote. A bound of their
 * own would only repeat the request's, which the server holds in bytes before it decodes anything.
 */
const PROMPT_TEXTS: readonly string[] = [
  'sluice.v1.AudioPart.transcript',
  'sluice.v1.CustomTool.description',
  'sluice.v1.CustomTool.format_json',
  'sluice.v1.EmbeddingInput.text',
  'sluice.v1.FilePart.context',
  'sluice.v1.FunctionTool.description',
  'sluice.v1.FunctionTool.parameters_json_schema',
  'sluice.v1.JsonSchemaFormat.description',
  'sluice.v1.JsonSchemaFormat.schema_json',
  'sluice.v1.MediaSource.data',
  'sluice.v1.ProviderTool.config_json',
  'sluice.v1.RawPart.json',
  'sluice.v1.ReasoningPart.redacted_data',
  'sluice.v1.ReasoningPart.text',
  'sluice.v1.RefusalPart.text',
  'sluice.v1.TextPart.text',
  'sluice.v1.ToolCallPart.arguments_json',
  'sluice.v1.ToolCallPart.text',
];

/** Parts of answers, which requests hold only as history: a bound could refuse what a provider itself wrote. */
const ANSWER_TEXTS: readonly string[] = [
  'sluice.v1.DocumentCitation.cited_text',
  'sluice.v1.DocumentCitation.file_id',
  'sluice.v1.DocumentCitation.title',
  'sluice.v1.DocumentCitation.unit',
  'sluice.v1.UrlCitation.cited_text',
  'sluice.v1.UrlCitation.title',
  'sluice.v1.UrlCitation.url',
];

const BOUNDED_BY_THE_REQUEST = [...PROMPT_TEXTS, ...ANSWER_TEXTS];

/** Every service of the contract. */
async function loadServices(): Promise<readonly DescService[]> {
  const folder = path.join(ROOT, 'gen', 'sluice');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('_pb.ts'));
  const modules: object[] = await Promise.all(files.map((name) => import(path.join(folder, name))));
  return modules.flatMap((module) => Object.values(module)).filter((value) => value?.kind === 'service');
}

/** Every message that can stand in the given ones, themselves included. */
function reachable(roots: readonly DescMessage[]): ReadonlySet<DescMessage> {
  const found = new Set<DescMessage>();
  const add = (message: DescMessage | undefined): void => {
    if (message === undefined || found.has(message) || message.typeName.startsWith('google.protobuf.')) return;
    found.add(message);
    for (const field of message.fields) add(field.message);
  };
  for (const root of roots) add(root);
  return found;
}

/** What of a field has no bound, in words. */
function holesOf(field: DescField): readonly string[] {
  const rules = getOption(field, fieldOption);
  if (field.fieldKind === 'list') {
    const list = rules.type.case === 'repeated' ? rules.type.value : undefined;
    return [...(list?.maxItems === undefined ? ['no max_items'] : []), ...valueHoles(field, list?.items, 'items')];
  }
  if (field.fieldKind === 'map') {
    const map = rules.type.case === 'map' ? rules.type.value : undefined;
    const hasLongKeys = field.mapKey === ScalarType.STRING && !isTextBounded(map?.keys);
    return [
      ...(map?.maxPairs === undefined ? ['no max_pairs'] : []),
      ...(hasLongKeys ? ['no max_len of keys'] : []),
      ...valueHoles(field, map?.values, 'values'),
    ];
  }
  return valueHoles(field, rules, 'the value');
}

function valueHoles(field: DescField, rules: FieldRules | undefined, what: string): readonly string[] {
  const type = rules?.type;
  if (field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES) {
    return isTextBounded(rules) ? [] : [`no max_len of ${what}`];
  }
  if (field.enum !== undefined) {
    return type?.case === 'enum' && type.value.definedOnly ? [] : [`no defined_only of ${what}`];
  }
  if (field.message?.typeName === DurationSchema.typeName) {
    return type?.case === 'duration' && type.value.lessThan.case !== undefined ? [] : [`no lte of ${what}`];
  }
  return [];
}

function isTextBounded(rules: FieldRules | undefined): boolean {
  const type = rules?.type;
  if (type?.case === 'string') return type.value.maxLen > 0n || type.value.in.length > 0;
  return type?.case === 'bytes' && type.value.maxLen > 0n;
}

describe('a request cannot be larger than the contract says', async () => {
  const services = await loadServices();
  const requests = services.flatMap((service) => service.methods.map((method) => method.input));
  const fields = [...reachable([...requests, ConfigSchema])].flatMap((message) => message.fields);
  const nameOf = (field: DescField): string => `${field.parent.typeName}.${field.name}`;

  test('every text, list, map, enum and duration has its bound', () => {
    const holes = fields
      .filter((field) => !BOUNDED_BY_THE_REQUEST.includes(nameOf(field)))
      .flatMap((field) => holesOf(field).map((hole) => `${nameOf(field)} has ${hole}`));
    expect(holes).toEqual([]);
  });

  test('every text that is excepted is part of a request and has no bound', () => {
    const open = new Set(fields.filter((field) => holesOf(field).length > 0).map(nameOf));
    expect(BOUNDED_BY_THE_REQUEST.filter((name) => !open.has(name))).toEqual([]);
  });
});
