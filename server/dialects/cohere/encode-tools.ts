import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import { type FunctionTool, type Tool, type ToolChoice, ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { possibleChoice } from '../possible-choice.ts';
import { writableObject } from '../writable-object.ts';
import { DIALECT } from './wire.ts';

const CHOICE = 'generation.tool_choice';

/** tools, tool_choice and strict_tools; undefined where there is nothing to say. Throws SluiceError INVALID_REQUEST. */
export function encodeTools(generation: Generation, losses: Losses): JsonObject {
  const { parallelToolCalls } = generation;
  if (parallelToolCalls === false) {
    losses.dropped('generation.parallel_tool_calls', 'This format cannot ask for one call at a time.');
  }
  const toolChoice = possibleChoice(
    generation.toolChoice,
    new Set(generation.tools.filter(isKnown).map(nameOf)),
    losses,
  );
  const named = namesOf(toolChoice);
  if (named !== undefined) losses.emulated(CHOICE, 'Tools are chosen by sending no other ones.');
  const tools = generation.tools.flatMap((tool, index) =>
    named === undefined || named.has(nameOf(tool)) ? encodeTool(tool, `generation.tools[${index}]`, losses) : [],
  );
  if (tools.length === 0) return {};
  return { tools, tool_choice: choiceWord(toolChoice), strict_tools: strictness(generation.tools, losses) };
}

/** The tools that may be called, where they are not all. */
function namesOf(choice: ToolChoice | undefined): ReadonlySet<string> | undefined {
  if (choice?.mode === ToolChoiceMode.TOOL) return new Set([choice.toolName]);
  if (choice === undefined || choice.mode === ToolChoiceMode.NONE) return undefined;
  return choice.allowedToolNames.length === 0 ? undefined : new Set(choice.allowedToolNames);
}

/** As the model likes is what holds where nothing is said; there is no word for it. */
function choiceWord(choice: ToolChoice | undefined): string | undefined {
  switch (choice?.mode) {
    case ToolChoiceMode.REQUIRED:
    case ToolChoiceMode.TOOL:
      return 'REQUIRED';
    case ToolChoiceMode.NONE:
      return 'NONE';
    default:
      return undefined;
  }
}

/** Not a tool that another format's providers run. */
function isKnown({ kind }: Tool): boolean {
  return kind.case !== 'provider' || kind.value.dialect === DIALECT;
}

function nameOf({ kind }: Tool): string {
  if (kind.case === 'provider') return kind.value.name || kind.value.type;
  return kind.value?.name ?? '';
}

/** Strictness is one for all tools. */
function strictness(tools: readonly Tool[], losses: Losses): boolean | undefined {
  const wishes = tools.flatMap(({ kind }) => (kind.case === 'function' ? [kind.value.strict === true] : []));
  if (!wishes.includes(true)) return undefined;
  if (wishes.every((wish) => wish)) return true;
  losses.dropped('generation.tools', 'Either all tools are strict there or none; none is.');
  return undefined;
}

function encodeTool({ kind, cacheControl }: Tool, path: string, losses: Losses): JsonObject[] {
  if (cacheControl !== undefined) {
    losses.dropped(`${path}.cache_control`, 'This format caches prompts unasked and has no marks for it.');
  }
  switch (kind.case) {
    case 'function':
      return [functionTool(kind.value, parametersOf(kind.value, `${path}.function.parameters_json_schema`))];
    case 'custom':
      losses.approximated(`${path}.custom`, 'Tools take JSON there: the free text is asked for as the member "input".');
      if (kind.value.formatJson !== '') losses.dropped(`${path}.custom.format_json`, 'This format has no grammars.');
      return [functionTool(kind.value, TEXT_INPUT)];
    case 'provider': {
      const { type, dialect, configJson } = kind.value;
      if (dialect === DIALECT) return [{ ...writableObject(configJson || '{}', `${path}.provider.config_json`), type }];
      losses.dropped(`${path}.provider`, `The tool ${type} belongs to another format${dialect && `, ${dialect}`}.`);
      return [];
    }
    case undefined:
      return [];
  }
}

const TEXT_INPUT = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };

function functionTool({ name, description }: Pick<FunctionTool, 'name' | 'description'>, parameters: JsonObject) {
  return { type: 'function', function: { name, ...(description !== '' && { description }), parameters } };
}

/** A schema is required there. */
function parametersOf({ parametersJsonSchema: text }: FunctionTool, path: string): JsonObject {
  return text === '' ? { type: 'object', properties: {} } : { ...writableObject(text, path), type: 'object' };
}
