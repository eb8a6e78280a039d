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
  requiredObject,
  requiredString,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { decodeCacheControl } from './content-parts.ts';
import { DIALECT, TOOL_MODE_OF_WORD, WEB_SEARCH } from './wire.ts';

/** Tools, and the deprecated functions, which are the same. Throws SluiceError INVALID_REQUEST. */
export function decodeTools(body: Place): Tool[] {
  const tools = optionalObjects(body, 'tools') ?? [];
  const functions = optionalObjects(body, 'functions') ?? [];
  return [...tools.map(decodeTool), ...functions.map(functionTool)];
}

/** A type that the format does not know is a tool that the provider runs itself. */
function decodeTool(place: Place): Tool {
  const type = requiredName(place, 'type');
  const cacheControl = decodeCacheControl(place.json);
  switch (type) {
    case 'function':
      return Object.assign(functionTool(requiredObject(place, 'function')), cacheControl && { cacheControl });
    case 'custom':
      return Object.assign(customTool(requiredObject(place, 'custom')), cacheControl && { cacheControl });
    default: {
      const { type: _, ...config } = place.json;
      const configJson = textOfJson(config, place.path);
      return create(ToolSchema, { kind: { case: 'provider', value: { type, configJson, dialect: DIALECT } } });
    }
  }
}

/**
 * web_search_options lets the model search the web. It stands beside the tools, but is one: so it is known as such to
 * whatever reads tools, and a format that cannot offer it drops it by name.
 */
export function decodeWebSearch(body: Place): Tool[] {
  const options = optionalObject(body, WEB_SEARCH);
  if (options === undefined) return [];
  const configJson = textOfJson(options.json, options.path);
  return [
    create(ToolSchema, { kind: { case: 'provider', value: { type: WEB_SEARCH, configJson, dialect: DIALECT } } }),
  ];
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

/**
 * tool_choice, or the deprecated function_call. Words and kinds that only some servers know stay in the raw body alone.
 * Throws SluiceError INVALID_REQUEST.
 */
export function decodeToolChoice(body: Place): ToolChoice | undefined {
  const choice = optional(body, 'tool_choice');
  if (choice === undefined) return decodeFunctionCall(body);
  if (typeof choice === 'string') return choiceOfWord(choice);
  const place = asPlace(choice, 'tool_choice');
  switch (requiredString(place, 'type')) {
    case 'function':
      return oneTool(requiredObject(place, 'function'));
    case 'custom':
      return oneTool(requiredObject(place, 'custom'));
    case 'allowed_tools':
      return allowedTools(requiredObject(place, 'allowed_tools'));
    default:
      return undefined;
  }
}

function choiceOfWord(word: string): ToolChoice | undefined {
  const mode = TOOL_MODE_OF_WORD.get(word);
  return mode === undefined ? undefined : create(ToolChoiceSchema, { mode });
}

function oneTool(place: Place): ToolChoice {
  return create(ToolChoiceSchema, { mode: ToolChoiceMode.TOOL, toolName: requiredName(place, 'name') });
}

function allowedTools(place: Place): ToolChoice {
  const mode = TOOL_MODE_OF_WORD.get(requiredString(place, 'mode'));
  if (mode === undefined || mode === ToolChoiceMode.NONE)
    throw wrongField(pathOf(place, 'mode'), 'auto or required', place.json['mode']);
  const tools = optionalObjects(place, 'tools') ?? [];
  // Without a name the list would be empty, which means that all tools are allowed.
  if (tools.length === 0) throw badField(pathOf(place, 'tools'), 'expected an array of at least one tool');
  return create(ToolChoiceSchema, { mode, allowedToolNames: tools.map(allowedToolName) });
}

/** Tools of the provider's own have no name; their type tells them apart. */
function allowedToolName(place: Place): string {
  const type = requiredName(place, 'type');
  return type === 'function' || type === 'custom' ? requiredName(requiredObject(place, type), 'name') : type;
}

function decodeFunctionCall(body: Place): ToolChoice | undefined {
  const call = optional(body, 'function_call');
  if (call === undefined) return undefined;
  return typeof call === 'string' ? choiceOfWord(call) : oneTool(asPlace(call, 'function_call'));
}
