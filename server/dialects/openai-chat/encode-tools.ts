import { type Tool, type ToolChoice, ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { objectOfText } from './encode-content.ts';
import { DIALECT, TOOL_MODE_OF_WORD, wordOf } from './wire.ts';

/** Tools as the format has them; undefined without any, because servers refuse an empty list. */
export function encodeTools(tools: readonly Tool[], losses: Losses): JsonValue | undefined {
  const encoded = tools.flatMap((tool, index) => {
    const path = `generation.tools[${index}]`;
    if (tool.cacheControl !== undefined) {
      losses.dropped(`${path}.cache_control`, 'This format caches prompts unasked and has no marks for it.');
    }
    return encodeTool(tool, path, losses);
  });
  return encoded.length === 0 ? undefined : encoded;
}

function encodeTool({ kind }: Tool, path: string, losses: Losses): JsonObject[] {
  switch (kind.case) {
    case 'function': {
      const { name, description, parametersJsonSchema, strict } = kind.value;
      return [
        { type: 'function', function: { ...named(name, description), ...schema(parametersJsonSchema, path), strict } },
      ];
    }
    case 'custom': {
      const { name, description, formatJson } = kind.value;
      const format = formatJson === '' ? {} : { format: objectOfText(formatJson, `${path}.custom.format_json`) };
      return [{ type: 'custom', custom: { ...named(name, description), ...format } }];
    }
    case 'provider': {
      const { type, dialect, configJson } = kind.value;
      if (dialect === DIALECT) {
        const config = configJson === '' ? {} : objectOfText(configJson, `${path}.provider.config_json`);
        return [{ ...config, type }];
      }
      losses.dropped(`${path}.provider`, `The tool ${type} belongs to another format${dialect && `, ${dialect}`}.`);
      return [];
    }
    case undefined:
      return [];
  }
}

function named(name: string, description: string): JsonObject {
  return description === '' ? { name } : { name, description };
}

function schema(text: string, path: string): JsonObject {
  return text === '' ? {} : { parameters: objectOfText(text, `${path}.function.parameters_json_schema`) };
}

/** tool_choice; undefined where nothing is chosen. The tools tell what kind a named one is. */
export function encodeToolChoice(choice: ToolChoice | undefined, tools: readonly Tool[]): JsonValue | undefined {
  if (choice === undefined) return undefined;
  if (choice.mode === ToolChoiceMode.TOOL) return namedTool(choice.toolName, tools);
  const mode = wordOf(TOOL_MODE_OF_WORD, choice.mode);
  if (mode === undefined || choice.allowedToolNames.length === 0 || mode === 'none') return mode;
  const allowed = choice.allowedToolNames.map((name) => namedTool(name, tools));
  return { type: 'allowed_tools', allowed_tools: { mode, tools: allowed } };
}

function namedTool(name: string, tools: readonly Tool[]): JsonObject {
  const custom = tools.some(({ kind }) => kind.case === 'custom' && kind.value.name === name);
  if (custom) return { type: 'custom', custom: { name } };
  const own = tools.some(({ kind }) => kind.case === 'provider' && kind.value.type === name);
  return own ? { type: name } : { type: 'function', function: { name } };
}
