import type { ResponseFormat } from '../../../../gen/sluice/v1/generation_pb.ts';
import { type Tool, type ToolChoice, ToolChoiceMode } from '../../../../gen/sluice/v1/tool_pb.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { SluiceError } from '../../../errors/sluice-error.ts';
import type { LossLog } from '../loss-log.ts';
import { cacheControl } from './encode-messages.ts';

export function encodeTools(tools: readonly Tool[], losses: LossLog): JsonObject[] {
  return tools.flatMap((tool, index) => {
    const encoded = encodeTool(tool, { path: `generation.tools[${index}]`, losses });
    return encoded === undefined ? [] : [{ ...encoded, ...cacheControl(tool) }];
  });
}

function encodeTool(tool: Tool, at: { readonly path: string; readonly losses: LossLog }): JsonObject | undefined {
  const { kind } = tool;
  switch (kind.case) {
    case 'function': {
      const { name, description, parametersJsonSchema, strict } = kind.value;
      return {
        type: 'function',
        function: {
          name,
          ...(description === '' ? {} : { description }),
          ...(parametersJsonSchema === ''
            ? {}
            : { parameters: parseJson(parametersJsonSchema, `${at.path}.function.parameters_json_schema`) }),
          ...(strict === undefined ? {} : { strict }),
        },
      };
    }
    case 'custom': {
      const { name, description, formatJson } = kind.value;
      return {
        type: 'custom',
        custom: {
          name,
          ...(description === '' ? {} : { description }),
          ...(formatJson === '' ? {} : { format: parseJson(formatJson, `${at.path}.custom.format_json`) }),
        },
      };
    }
    case 'provider': {
      const { type, configJson, dialect } = kind.value;
      if (dialect !== 'openai-chat') {
        at.losses.dropped(at.path, `the tool ${type} is not one of this format`);
        return undefined;
      }
      const config = configJson === '' ? {} : parseJson(configJson, `${at.path}.provider.config_json`);
      return { type, ...(config as JsonObject) };
    }
    default:
      at.losses.dropped(at.path, 'the tool is of no known kind');
      return undefined;
  }
}

const MODE_WORDS: ReadonlyMap<ToolChoiceMode, string> = new Map([
  [ToolChoiceMode.AUTO, 'auto'],
  [ToolChoiceMode.NONE, 'none'],
  [ToolChoiceMode.REQUIRED, 'required'],
]);

export function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[]): JsonValue {
  const typeOf = (name: string): 'custom' | 'function' =>
    tools.some((tool) => tool.kind.case === 'custom' && tool.kind.value.name === name) ? 'custom' : 'function';
  const reference = (name: string): JsonObject => ({ type: typeOf(name), [typeOf(name)]: { name } });
  if (choice.mode === ToolChoiceMode.TOOL) return reference(choice.toolName);
  const mode = MODE_WORDS.get(choice.mode) ?? 'auto';
  if (choice.allowedToolNames.length === 0) return mode;
  return { type: 'allowed_tools', allowed_tools: { mode, tools: choice.allowedToolNames.map(reference) } };
}

export function encodeResponseFormat(format: ResponseFormat): JsonObject | undefined {
  const { kind } = format;
  switch (kind.case) {
    case 'text':
      return { type: 'text' };
    case 'jsonObject':
      return { type: 'json_object' };
    case 'jsonSchema': {
      const { name, description, schemaJson, strict } = kind.value;
      return {
        type: 'json_schema',
        json_schema: {
          // Required there and optional with others.
          name: name === '' ? 'answer' : name,
          ...(description === '' ? {} : { description }),
          ...(schemaJson === ''
            ? {}
            : { schema: parseJson(schemaJson, 'generation.response_format.json_schema.schema_json') }),
          ...(strict === undefined ? {} : { strict }),
        },
      };
    }
    default:
      return undefined;
  }
}

/** JSON that the caller wrote as text. */
function parseJson(text: string, field: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new SluiceError('INVALID_REQUEST', `${field} is not valid JSON.`, { param: field, metadata: { field } });
  }
}
