import { type Message, Role } from '../../../gen/sluice/v1/content_pb.ts';
import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import { type FunctionTool, type Tool, type ToolChoice, ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { objectOfText } from '../json-text.ts';
import type { Losses } from '../losses.ts';
import { possibleChoice } from '../possible-choice.ts';
import { stringOf } from '../read-answer.ts';
import { cacheMark } from './cache-marks.ts';
import type { ModelTraits } from './model-traits.ts';
import { strictSchema } from './strict-schema.ts';
import { DIALECT, TOOL_MODE_OF_WORD, wordOf } from './wire.ts';

export interface ToolTerms {
  readonly losses: Losses;
  readonly traits: ModelTraits;
}

/** The tools and tool_choice members of a request. */
export interface EncodedTools {
  readonly tools: readonly JsonObject[];
  /** Undefined: the provider's default. */
  readonly choice: JsonObject | undefined;
}

/** Throws SluiceError INVALID_REQUEST where a schema is no JSON. */
export function encodeTools(generation: Generation, terms: ToolTerms): EncodedTools {
  const { losses } = terms;
  const allowed = new Set(generation.toolChoice?.allowedToolNames);
  const tools = generation.tools.flatMap((tool, index) => {
    const path = `generation.tools[${index}]`;
    if (allowed.size > 0 && !allowed.has(nameOf(tool))) return [];
    const mark = cacheMark(tool.cacheControl, path, losses);
    return encodeTool(tool, path, terms).map((encoded) => ({ ...encoded, ...mark }));
  });
  if (allowed.size > 0) {
    losses.emulated('generation.tool_choice.allowed_tool_names', 'Only the tools that are allowed are sent.');
  }
  const names = new Set(tools.map(({ name }) => stringOf(name)));
  const choice = possibleChoice(chosen(generation.toolChoice), names, losses);
  if (tools.length > 0) return { tools, choice: encodeChoice(choice, generation.parallelToolCalls) };
  return toolsOfHistory(generation.messages, losses);
}

function nameOf({ kind }: Tool): string {
  if (kind.case === 'provider') return kind.value.name || kind.value.type;
  return kind.value?.name ?? '';
}

function encodeTool({ kind }: Tool, path: string, terms: ToolTerms): JsonObject[] {
  const { losses } = terms;
  switch (kind.case) {
    case 'function':
      return [encodeFunction(kind.value, `${path}.function`, terms)];
    case 'custom': {
      const { name, description } = kind.value;
      losses.approximated(`${path}.custom`, 'Tools take JSON there: the free text is asked for as the member "input".');
      return [{ name, ...describe(description), input_schema: TEXT_INPUT }];
    }
    case 'provider': {
      const { type, name, dialect, configJson } = kind.value;
      if (dialect !== DIALECT) {
        losses.dropped(`${path}.provider`, `The tool ${type} belongs to another format${dialect && `, ${dialect}`}.`);
        return [];
      }
      const config = configJson === '' ? {} : objectOfText(configJson, `${path}.provider.config_json`);
      return [{ ...config, type, ...(name !== '' && { name }) }];
    }
    default:
      return [];
  }
}

const TEXT_INPUT = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };

const describe = (description: string): JsonObject => (description === '' ? {} : { description });

function encodeFunction(tool: FunctionTool, path: string, { losses, traits }: ToolTerms): JsonObject {
  const { name, description, parametersJsonSchema: text, strict } = tool;
  const given = text === '' ? {} : objectOfText(text, `${path}.parameters_json_schema`);
  const schema = { ...given, type: 'object', ...(text === '' && { properties: {} }) };
  const plain = { name, ...describe(description), input_schema: schema };
  if (strict !== true) return plain;
  if (!traits.structured) {
    losses.dropped(`${path}.strict`, 'This model cannot be held to a schema.');
    return plain;
  }
  const kept = strictSchema(schema, `${path}.parameters_json_schema`);
  if (kept.weaker) losses.approximated(`${path}.parameters_json_schema`, 'Some bounds are told, but not enforced.');
  return { ...plain, input_schema: kept.schema, strict: true };
}

/** The choice without the tools that may be called: no others are sent. */
function chosen(choice: ToolChoice | undefined): ToolChoice | undefined {
  return choice && { ...choice, allowedToolNames: [] };
}

function encodeChoice(
  toolChoice: ToolChoice | undefined,
  parallelToolCalls: boolean | undefined,
): JsonObject | undefined {
  const mode = toolChoice?.mode;
  const one = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  if (toolChoice === undefined || mode === undefined || mode === ToolChoiceMode.UNSPECIFIED) {
    return parallelToolCalls === false ? { type: 'auto', ...one } : undefined;
  }
  const type = wordOf(TOOL_MODE_OF_WORD, mode) ?? 'auto';
  if (mode === ToolChoiceMode.NONE) return { type };
  return { type, ...(mode === ToolChoiceMode.TOOL && { name: toolChoice.toolName }), ...one };
}

/** A conversation with calls needs the tools' definitions there, whether they may be called again or not. */
function toolsOfHistory(messages: readonly Message[], losses: Losses): EncodedTools {
  const names = new Set(
    messages.flatMap(({ role, parts }) =>
      role !== Role.ASSISTANT
        ? []
        : parts.flatMap(({ kind }) =>
            kind.case === 'toolCall' && !kind.value.providerExecuted ? [kind.value.name] : [],
          ),
    ),
  );
  if (names.size === 0) return { tools: [], choice: undefined };
  losses.emulated('generation.tools', 'The tools of earlier calls are named, because the format wants that.');
  const tools = [...names].map((name) => ({ name, input_schema: { type: 'object', properties: {} } }));
  return { tools, choice: { type: 'none' } };
}

/** Whether a choice makes the model call a tool. */
export function isForced(choice: JsonObject | undefined): boolean {
  return choice?.['type'] === 'any' || choice?.['type'] === 'tool';
}
