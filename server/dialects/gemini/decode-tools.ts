import { create } from '@bufbuild/protobuf';
import {
  type Tool,
  type ToolChoice,
  ToolChoiceMode,
  ToolChoiceSchema,
  ToolSchema,
} from '../../../gen/sluice/v1/tool_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import {
  optionalObject,
  optionalString,
  optionalStrings,
  type Place,
  pathOf,
  requiredName,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { notTooDeep } from './not-too-deep.ts';
import { jsonSchemaOf } from './openapi-schema.ts';
import { optionalMessage, optionalMessages } from './proto-members.ts';
import { DIALECT } from './wire.ts';

/** Tools: declared functions, and the provider's own, each by the name of its member. Throws SluiceError INVALID_REQUEST. */
export function decodeTools(body: Place): Tool[] {
  return (optionalMessages(body, 'tools') ?? []).flatMap((entry) => [
    ...(optionalMessages(entry, 'functionDeclarations') ?? []).map(functionTool),
    ...providerTools(entry),
  ]);
}

function functionTool(place: Place): Tool {
  const value = {
    name: requiredName(place, 'name'),
    description: optionalString(place, 'description') ?? '',
    parametersJsonSchema: parametersOf(place),
  };
  return create(ToolSchema, { kind: { case: 'function', value } });
}

/** A JSON Schema, or a Schema of Google's own. */
function parametersOf(place: Place): string {
  const path = pathOf(place, 'parameters');
  const json = optionalObject(place, 'parametersJsonSchema');
  if (json !== undefined) return textOfJson(json.json, json.path);
  const schema = optionalObject(place, 'parameters');
  return schema === undefined ? '' : schemaText(schema.json, path);
}

/** A Schema of Google's own as the text of a JSON Schema. Throws INVALID_REQUEST where it is nested too deeply. */
export function schemaText(schema: JsonObject, path: string): string {
  return textOfJson(
    notTooDeep(path, () => jsonSchemaOf(schema)),
    path,
  );
}

function providerTools({ json, path }: Place): Tool[] {
  return Object.entries(json).flatMap(([type, config]) => {
    if (type === 'functionDeclarations' || !isJsonObject(config)) return [];
    const configJson = textOfJson(config, `${path}.${type}`);
    const value = { type, configJson: configJson === '{}' ? '' : configJson, dialect: DIALECT };
    return [create(ToolSchema, { kind: { case: 'provider', value } })];
  });
}

const MODE_OF_WORD: ReadonlyMap<string, ToolChoiceMode> = new Map([
  ['AUTO', ToolChoiceMode.AUTO],
  ['VALIDATED', ToolChoiceMode.AUTO],
  ['ANY', ToolChoiceMode.REQUIRED],
  ['NONE', ToolChoiceMode.NONE],
  ['MODE_UNSPECIFIED', ToolChoiceMode.UNSPECIFIED],
]);

/** functionCallingConfig; undefined where nothing is chosen. Throws SluiceError INVALID_REQUEST. */
export function decodeToolChoice(body: Place): ToolChoice | undefined {
  const toolConfig = optionalMessage(body, 'toolConfig');
  const config = toolConfig && optionalMessage(toolConfig, 'functionCallingConfig');
  if (config === undefined) return undefined;
  const word = optionalString(config, 'mode') ?? 'MODE_UNSPECIFIED';
  const mode = MODE_OF_WORD.get(word.toUpperCase());
  if (mode === undefined) throw wrongField(pathOf(config, 'mode'), 'AUTO, ANY, NONE or VALIDATED', word);
  const allowedToolNames = [...(optionalStrings(config, 'allowedFunctionNames') ?? [])];
  const [toolName, ...others] = allowedToolNames;
  if (mode === ToolChoiceMode.UNSPECIFIED) return undefined;
  if (mode === ToolChoiceMode.REQUIRED && toolName !== undefined && others.length === 0) {
    return create(ToolChoiceSchema, { mode: ToolChoiceMode.TOOL, toolName });
  }
  return create(ToolChoiceSchema, { mode, allowedToolNames: mode === ToolChoiceMode.NONE ? [] : allowedToolNames });
}
