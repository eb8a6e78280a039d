import { type Tool, type ToolChoice, ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { nestedFormat } from '../custom-tool-format.ts';
import { objectOfText } from '../json-text.ts';
import type { Losses } from '../losses.ts';
import { openAiSchema } from '../openai-schema.ts';
import { possibleChoice } from '../possible-choice.ts';
import { encodeCacheControl } from './encode-content.ts';
import type { EncodeTerms } from './encode-messages.ts';
import { DIALECT, TOOL_MODE_OF_WORD, WEB_SEARCH, wordOf } from './wire.ts';

/** Tools as the format has them; undefined without any, because servers refuse an empty list. */
export function encodeTools(tools: readonly Tool[], { quirks, losses }: EncodeTerms): JsonValue | undefined {
  const encoded = tools.flatMap((tool, index) => {
    if (isWebSearch(tool)) return [];
    const path = `generation.tools[${index}]`;
    const entries = encodeTool(tool, path, losses);
    const { cacheControl } = tool;
    if (cacheControl === undefined) return entries;
    if (quirks.cacheControl === true) {
      return entries.map((entry) => ({ ...entry, cache_control: encodeCacheControl(cacheControl) }));
    }
    losses.dropped(`${path}.cache_control`, 'There is no mark for prompt caching here.');
    return entries;
  });
  return encoded.length === 0 ? undefined : encoded;
}

/** Searching the web is a tool in the contract, but a member of its own in this format; undefined where it is not asked for. */
export function encodeWebSearch(tools: readonly Tool[]): JsonObject | undefined {
  const at = tools.findIndex(isWebSearch);
  const kind = tools[at]?.kind;
  if (kind?.case !== 'provider') return undefined;
  const { configJson } = kind.value;
  return configJson === '' ? {} : objectOfText(configJson, `generation.tools[${at}].provider.config_json`);
}

function isWebSearch({ kind }: Tool): boolean {
  return kind.case === 'provider' && kind.value.type === WEB_SEARCH && kind.value.dialect === DIALECT;
}

function encodeTool({ kind }: Tool, path: string, losses: Losses): JsonObject[] {
  switch (kind.case) {
    case 'function': {
      const { name, description, parametersJsonSchema: text, strict } = kind.value;
      const { schema, ...more } =
        text === ''
          ? { schema: undefined, strict }
          : openAiSchema({ text, path: `${path}.function.parameters_json_schema`, strict, losses });
      return [{ type: 'function', function: { ...named(name, description), parameters: schema, ...more } }];
    }
    case 'custom': {
      const { name, description, formatJson } = kind.value;
      const format =
        formatJson === '' ? {} : { format: nestedFormat(objectOfText(formatJson, `${path}.custom.format_json`)) };
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
  const allowed = choice.allowedToolNames.map((name) => namedTool(name, tools));
  return { type: 'allowed_tools', allowed_tools: { mode, tools: allowed } };
}

/** parallel_tool_calls, which says nothing without tools and is refused then. */
export function encodeParallel(parallel: boolean | undefined, tools: readonly Tool[]): boolean | undefined {
  return namesOf(tools).size > 0 ? parallel : undefined;
}

/** What choices call the tools that are sent. */
function namesOf(tools: readonly Tool[]): ReadonlySet<string> {
  return new Set(
    tools.flatMap((tool) => {
      const { kind } = tool;
      if (kind.case === 'function' || kind.case === 'custom') return [kind.value.name];
      return kind.case === 'provider' && kind.value.dialect === DIALECT && !isWebSearch(tool) ? [kind.value.type] : [];
    }),
  );
}

function namedTool(name: string, tools: readonly Tool[]): JsonObject {
  const custom = tools.some(({ kind }) => kind.case === 'custom' && kind.value.name === name);
  if (custom) return { type: 'custom', custom: { name } };
  const own = tools.some(({ kind }) => kind.case === 'provider' && kind.value.type === name);
  return own ? { type: name } : { type: 'function', function: { name } };
}
