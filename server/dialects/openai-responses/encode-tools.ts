import { type Tool, type ToolChoice, ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { flatFormat } from '../custom-tool-format.ts';
import { objectOfText } from '../json-text.ts';
import type { Losses } from '../losses.ts';
import { openAiSchema } from '../openai-schema.ts';
import { possibleChoice } from '../possible-choice.ts';
import { DIALECT, TOOL_MODE_OF_WORD, wordOf } from './wire.ts';

/** Tools as the format has them; undefined without any. */
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
      const { name, description, parametersJsonSchema: text, strict } = kind.value;
      const field = `${path}.function.parameters_json_schema`;
      // Unset, this API alone would take it for true.
      const asked = { text, path: field, strict: strict ?? false, losses };
      // The member itself is required.
      const { schema: parameters, ...more } =
        text === '' ? { schema: null, strict: strict ?? false } : openAiSchema(asked);
      return [{ type: 'function', ...named(name, description), parameters, ...more }];
    }
    case 'custom': {
      const { name, description, formatJson } = kind.value;
      const format =
        formatJson === '' ? {} : { format: flatFormat(objectOfText(formatJson, `${path}.custom.format_json`)) };
      return [{ type: 'custom', ...named(name, description), ...format }];
    }
    case 'provider': {
      const { type, dialect, configJson } = kind.value;
      if (dialect === DIALECT) return [{ ...configOf(configJson, path), type }];
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

function configOf(text: string, path: string): JsonObject {
  return text === '' ? {} : objectOfText(text, `${path}.provider.config_json`);
}

/** tool_choice; undefined where nothing is chosen. The tools tell what kind a named one is. */
export function encodeToolChoice(
  asked: ToolChoice | undefined,
  tools: readonly Tool[],
  losses: Losses,
): JsonValue | undefined {
  const choice = possibleChoice(asked, namesOf(tools), losses);
  if (choice === undefined) return undefined;
  if (choice.mode === ToolChoiceMode.TOOL) return namedTool(choice.toolName, tools);
  const mode = wordOf(TOOL_MODE_OF_WORD, choice.mode);
  if (mode === undefined || choice.allowedToolNames.length === 0 || mode === 'none') return mode;
  return { type: 'allowed_tools', mode, tools: choice.allowedToolNames.map((name) => namedTool(name, tools)) };
}

/** What choices call the tools that are sent. */
function namesOf(tools: readonly Tool[]): ReadonlySet<string> {
  return new Set(
    tools.flatMap(({ kind }) => {
      if (kind.case === 'function' || kind.case === 'custom') return [kind.value.name];
      return kind.case === 'provider' && kind.value.dialect === DIALECT ? [kind.value.type] : [];
    }),
  );
}

function namedTool(name: string, tools: readonly Tool[]): JsonObject {
  for (const [index, { kind }] of tools.entries()) {
    if (kind.case === 'custom' && kind.value.name === name) return { type: 'custom', name };
    if (kind.case === 'provider' && kind.value.type === name && kind.value.dialect === DIALECT) {
      // Servers of tools are told apart by their label.
      const { server_label } = configOf(kind.value.configJson, `generation.tools[${index}]`);
      return { type: name, ...(server_label !== undefined && { server_label }) };
    }
  }
  return { type: 'function', name };
}
