import {
  type CustomTool,
  type FunctionTool,
  type Tool,
  type ToolChoice,
  ToolChoiceMode,
} from '../../../gen/sluice/v1/tool_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { objectOfText } from '../json-text.ts';
import type { Losses } from '../losses.ts';
import { narrowSchema } from './narrow-schema.ts';
import { notTooDeep } from './not-too-deep.ts';
import { DIALECT } from './wire.ts';

export interface ToolTerms {
  readonly losses: Losses;
  /** Tools that Google runs may stand beside functions. */
  readonly mixed: boolean;
}

/** Tools as the format has them, all functions in one entry, in front; undefined without any. */
export function encodeTools(tools: readonly Tool[], { losses, mixed }: ToolTerms): JsonObject[] | undefined {
  const alone = !mixed && functionNames(tools).size > 0;
  const functions: JsonObject[] = [];
  const others: JsonObject[] = [];
  for (const [index, tool] of tools.entries()) {
    const path = `generation.tools[${index}]`;
    if (tool.cacheControl !== undefined) {
      losses.dropped(`${path}.cache_control`, 'This format caches prompts unasked and has no marks for it.');
    }
    const { kind } = tool;
    if (kind.case === 'function') functions.push(encodeFunction(kind.value, path, losses));
    if (kind.case === 'custom') functions.push(encodeCustom(kind.value, path, losses));
    if (kind.case === 'provider') others.push(...encodeProviderTool(tool, path, { losses, mixed: !alone }));
  }
  const all = functions.length === 0 ? others : [{ functionDeclarations: functions }, ...others];
  return all.length === 0 ? undefined : all;
}

/** Where a call is required, Google refuses functions without a schema. */
const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} };

function encodeFunction(tool: FunctionTool, path: string, losses: Losses): JsonObject {
  const { name, description, parametersJsonSchema, strict } = tool;
  if (strict === true) {
    losses.dropped(
      `${path}.function.strict`,
      'This format has no mark for tools whose arguments keep to their schema.',
    );
  }
  const field = `${path}.function.parameters_json_schema`;
  const given = parametersJsonSchema === '' ? NO_PARAMETERS : objectOfText(parametersJsonSchema, field);
  const head = { name, ...(description !== '' && { description }) };
  return { ...head, parametersJsonSchema: googleSchema({ ...given, type: 'object' }, field, losses) };
}

/** A schema without what Google does not know, with a warning for it. */
export function googleSchema(given: JsonObject, field: string, losses: Losses): JsonObject {
  const { schema, left } = notTooDeep(field, () => narrowSchema(given));
  if (left.length > 0) losses.approximated(field, `Left out, as Google does not know them: ${left.join(', ')}.`);
  return schema;
}

/** The format has functions alone: free text becomes the one argument of one. */
function encodeCustom({ name, description, formatJson }: CustomTool, path: string, losses: Losses): JsonObject {
  losses.emulated(`${path}.custom`, 'A tool that takes text is sent as a function with the one argument "input".');
  if (formatJson !== '') losses.dropped(`${path}.custom.format_json`, 'This format has no grammars.');
  const properties = { input: { type: 'string' } };
  const parametersJsonSchema = { type: 'object', properties, required: ['input'] };
  return { name, ...(description !== '' && { description }), parametersJsonSchema };
}

function encodeProviderTool({ kind }: Tool, path: string, { losses, mixed }: ToolTerms): JsonObject[] {
  if (kind.case !== 'provider') return [];
  const { type, configJson, dialect } = kind.value;
  if (dialect !== DIALECT) {
    losses.dropped(`${path}.provider`, `The tool ${type} belongs to another format${dialect && `, ${dialect}`}.`);
    return [];
  }
  if (!mixed) {
    losses.dropped(`${path}.provider`, `This model does not take ${type} beside functions.`);
    return [];
  }
  return [{ [type]: configJson === '' ? {} : objectOfText(configJson, `${path}.provider.config_json`) }];
}

const WORD_OF_MODE: ReadonlyMap<ToolChoiceMode, string> = new Map([
  [ToolChoiceMode.AUTO, 'AUTO'],
  [ToolChoiceMode.NONE, 'NONE'],
  [ToolChoiceMode.REQUIRED, 'ANY'],
  [ToolChoiceMode.TOOL, 'ANY'],
]);

const PATH = 'generation.tool_choice';

/** The toolConfig; undefined where nothing is chosen. A choice without functions to choose from is refused there. */
export function encodeToolConfig(
  choice: ToolChoice | undefined,
  tools: readonly Tool[],
  losses: Losses,
): JsonObject | undefined {
  const mode = WORD_OF_MODE.get(choice?.mode ?? ToolChoiceMode.UNSPECIFIED);
  if (choice === undefined || mode === undefined) return undefined;
  const names = functionNames(tools);
  if (names.size === 0) {
    if (mode === 'ANY') losses.dropped(PATH, 'There is no function that could be called.');
    return undefined;
  }
  const wanted =
    choice.mode === ToolChoiceMode.TOOL ? [choice.toolName] : mode === 'NONE' ? [] : choice.allowedToolNames;
  const allowed = wanted.filter((name) => names.has(name));
  if (allowed.length < wanted.length) {
    losses.dropped(PATH, 'Only functions that are declared can be named in this format.');
    if (allowed.length === 0) return undefined;
  }
  if (allowed.length === 0) return { functionCallingConfig: { mode } };
  // AUTO takes no names; VALIDATED is AUTO that does.
  return { functionCallingConfig: { mode: mode === 'AUTO' ? 'VALIDATED' : mode, allowedFunctionNames: allowed } };
}

function functionNames(tools: readonly Tool[]): ReadonlySet<string> {
  return new Set(
    tools.flatMap(({ kind }) => (kind.case === 'function' || kind.case === 'custom' ? [kind.value.name] : [])),
  );
}
