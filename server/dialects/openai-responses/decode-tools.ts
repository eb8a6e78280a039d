import { create } from '@bufbuild/protobuf';
import {
  type Tool,
  type ToolChoice,
  ToolChoiceMode,
  ToolChoiceSchema,
  ToolSchema,
} from '../../../gen/sluice/v1/tool_pb.ts';
import {
  asPlace,
  badField,
  optional,
  optionalBoolean,
  optionalObject,
  optionalObjects,
  optionalString,
  type Place,
  pathOf,
  requiredName,
  requiredString,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { DIALECT, TOOL_MODE_OF_WORD } from './wire.ts';

/** Throws SluiceError INVALID_REQUEST. */
export function decodeTools(body: Place): Tool[] {
  return (optionalObjects(body, 'tools') ?? []).map(decodeTool);
}

/** Types other than function and custom are tools that the provider runs itself, or defines. */
function decodeTool(place: Place): Tool {
  const type = requiredName(place, 'type');
  if (type === 'function') return functionTool(place);
  if (type === 'custom') return customTool(place);
  const { type: _, ...config } = place.json;
  return create(ToolSchema, {
    kind: { case: 'provider', value: { type, configJson: textOfJson(config, place.path), dialect: DIALECT } },
  });
}

function functionTool(place: Place): Tool {
  const parameters = optionalObject(place, 'parameters');
  const strict = optionalBoolean(place, 'strict');
  const value = {
    name: requiredName(place, 'name'),
    description: optionalString(place, 'description') ?? '',
    parametersJsonSchema: parameters === undefined ? '' : textOfJson(parameters.json, parameters.path),
    ...(strict === undefined ? {} : { strict }),
  };
  return create(ToolSchema, { kind: { case: 'function', value } });
}

function customTool(place: Place): Tool {
  const format = optionalObject(place, 'format');
  const value = {
    name: requiredName(place, 'name'),
    description: optionalString(place, 'description') ?? '',
    formatJson: format === undefined ? '' : textOfJson(format.json, format.path),
  };
  return create(ToolSchema, { kind: { case: 'custom', value } });
}

/** Throws SluiceError INVALID_REQUEST. */
export function decodeToolChoice(body: Place): ToolChoice | undefined {
  const choice = optional(body, 'tool_choice');
  if (choice === undefined) return undefined;
  if (typeof choice === 'string') return create(ToolChoiceSchema, { mode: modeOf(body, 'tool_choice') });
  const place = asPlace(choice, 'tool_choice');
  if (requiredString(place, 'type') === 'allowed_tools') return allowedTools(place);
  return create(ToolChoiceSchema, { mode: ToolChoiceMode.TOOL, toolName: toolName(place) });
}

function modeOf(place: Place, key: string): ToolChoiceMode {
  const mode = TOOL_MODE_OF_WORD.get(requiredString(place, key));
  if (mode !== undefined) return mode;
  throw wrongField(pathOf(place, key), 'none, auto, required or an object', place.json[key]);
}

function allowedTools(place: Place): ToolChoice {
  const mode = modeOf(place, 'mode');
  if (mode === ToolChoiceMode.NONE) throw wrongField(pathOf(place, 'mode'), 'auto or required', place.json['mode']);
  const tools = optionalObjects(place, 'tools') ?? [];
  // Without a name the list would be empty, which means that all tools are allowed.
  if (tools.length === 0) throw badField(pathOf(place, 'tools'), 'expected an array of at least one tool');
  return create(ToolChoiceSchema, { mode, allowedToolNames: tools.map(toolName) });
}

/** Tools of the provider's own have no name; their type tells them apart. */
function toolName(place: Place): string {
  const type = requiredName(place, 'type');
  return type === 'function' || type === 'custom' ? requiredName(place, 'name') : type;
}
