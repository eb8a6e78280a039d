import { create } from '@bufbuild/protobuf';
import { type ResponseFormat, ResponseFormatSchema } from '../../../../gen/sluice/v1/generation_pb.ts';
import { type Tool, type ToolChoice, ToolChoiceMode, ToolChoiceSchema, ToolSchema } from '../../../../gen/sluice/v1/tool_pb.ts';
import type { JsonObject } from '../../../core/json.ts';
import { type Item, itemMembers, itemString, type Members } from '../read-members.ts';
import { readCacheControl } from './decode-messages.ts';

/** tools[i]. A type that is neither function nor custom is one of the provider's own. */
export function decodeTool(item: Item): Tool {
  const members = itemMembers(item);
  const tool = toolOfType(members, members.requiredString('type'));
  const cacheControl = readCacheControl(members);
  if (cacheControl !== undefined) tool.cacheControl = cacheControl;
  return tool;
}

function toolOfType(members: Members, type: string): Tool {
  if (type === 'function') return decodeFunction(members.requiredObject('function'));
  if (type === 'custom') {
    const custom = members.requiredObject('custom');
    const format = custom.object('format');
    return create(ToolSchema, {
      kind: {
        case: 'custom',
        value: {
          name: custom.requiredString('name'),
          description: custom.string('description') ?? '',
          formatJson: format === undefined ? '' : JSON.stringify(format.json),
        },
      },
    });
  }
  const { type: _type, ...config } = members.json;
  return create(ToolSchema, {
    kind: { case: 'provider', value: { type, configJson: JSON.stringify(config), dialect: 'openai-chat' } },
  });
}

/** A function as tools[i].function and the deprecated functions[i] describe it. */
export function decodeFunction(members: Members): Tool {
  const parameters = members.object('parameters');
  const strict = members.boolean('strict');
  return create(ToolSchema, {
    kind: {
      case: 'function',
      value: {
        name: members.requiredString('name'),
        description: members.string('description') ?? '',
        parametersJsonSchema: parameters === undefined ? '' : JSON.stringify(parameters.json),
        ...(strict === undefined ? {} : { strict }),
      },
    },
  });
}

const MODES: ReadonlyMap<string, ToolChoiceMode> = new Map([
  ['auto', ToolChoiceMode.AUTO],
  ['none', ToolChoiceMode.NONE],
  ['required', ToolChoiceMode.REQUIRED],
]);

/** tool_choice, and the deprecated function_call. */
export function decodeToolChoice(request: Members): ToolChoice | undefined {
  const value = request.json.tool_choice ?? request.json.function_call;
  if (value === undefined || value === null) return undefined;
  const name = request.json.tool_choice === undefined || request.json.tool_choice === null ? 'function_call' : 'tool_choice';
  if (typeof value === 'string') {
    const mode = MODES.get(value);
    if (mode === undefined) throw request.wrong(name, `one of ${[...MODES.keys()].join(', ')}, or an object`);
    return create(ToolChoiceSchema, { mode });
  }
  const choice = request.requiredObject(name);
  if (name === 'function_call') return oneTool(choice.requiredString('name'));
  const type = choice.requiredString('type');
  if (type === 'function' || type === 'custom') return oneTool(choice.requiredObject(type).requiredString('name'));
  if (type !== 'allowed_tools') throw choice.wrong('type', 'function, custom or allowed_tools');
  return allowedTools(choice.requiredObject('allowed_tools'));
}

function oneTool(toolName: string): ToolChoice {
  return create(ToolChoiceSchema, { mode: ToolChoiceMode.TOOL, toolName });
}

function allowedTools(allowed: Members): ToolChoice {
  const mode = MODES.get(allowed.requiredString('mode'));
  if (mode !== ToolChoiceMode.AUTO && mode !== ToolChoiceMode.REQUIRED) throw allowed.wrong('mode', 'auto or required');
  const allowedToolNames = allowed.requiredArray('tools').map((item) => {
    const tool = itemMembers(item);
    const type = tool.requiredString('type');
    return tool.requiredObject(type).requiredString('name');
  });
  return create(ToolChoiceSchema, { mode, allowedToolNames });
}

/** response_format. */
export function decodeResponseFormat(request: Members): ResponseFormat | undefined {
  const format = request.object('response_format');
  if (format === undefined) return undefined;
  switch (format.requiredString('type')) {
    case 'text':
      return create(ResponseFormatSchema, { kind: { case: 'text', value: {} } });
    case 'json_object':
      return create(ResponseFormatSchema, { kind: { case: 'jsonObject', value: {} } });
    case 'json_schema':
      return jsonSchema(format.requiredObject('json_schema'));
    default:
      throw format.wrong('type', 'text, json_object or json_schema');
  }
}

function jsonSchema(members: Members): ResponseFormat {
  const schema: JsonObject | undefined = members.object('schema')?.json;
  const strict = members.boolean('strict');
  return create(ResponseFormatSchema, {
    kind: {
      case: 'jsonSchema',
      value: {
        name: members.requiredString('name'),
        description: members.string('description') ?? '',
        schemaJson: schema === undefined ? '' : JSON.stringify(schema),
        ...(strict === undefined ? {} : { strict }),
      },
    },
  });
}

/** A string or an array of strings, as stop has it. */
export function decodeStop(request: Members): string[] {
  const value = request.json.stop;
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) throw request.wrong('stop', 'a string or an array of strings');
  return request.requiredArray('stop').map(itemString);
}
