import { type Message, Role } from '../../../gen/sluice/v1/content_pb.ts';
import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import { type FunctionTool, type Tool, type ToolChoice, ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { possibleChoice } from '../possible-choice.ts';
import { writableObject } from '../writable-object.ts';
import { cachePoint } from './cache-points.ts';
import type { ModelTraits } from './model-traits.ts';
import { toolNameToSend } from './tool-names.ts';
import { DIALECT } from './wire.ts';

export interface ToolTerms {
  readonly losses: Losses;
  readonly traits: ModelTraits;
}

/** Which tools are called: any, or the one of such a name. Undefined: as the model likes. */
export type Choice = { readonly kind: 'any' } | { readonly kind: 'tool'; readonly name: string } | undefined;

/** What becomes toolConfig. */
export interface EncodedTools {
  /** Tools and cache points. */
  readonly tools: readonly JsonObject[];
  readonly choice: Choice;
  /** What of the request makes the choice; undefined where it is the caller's own. */
  readonly chosenFor?: string;
  /** The tools may not be called; they are there because the conversation has calls of them. */
  readonly mute: boolean;
}

const CHOICE = 'generation.tool_choice';

/** Throws SluiceError INVALID_REQUEST where a schema is no JSON. */
export function encodeTools(generation: Generation, terms: ToolTerms): EncodedTools {
  const { losses } = terms;
  const { toolChoice } = generation;
  if (generation.parallelToolCalls === false) {
    losses.dropped('generation.parallel_tool_calls', 'This format cannot ask for one call at a time.');
  }
  if (toolChoice?.mode === ToolChoiceMode.NONE) return mutedTools(generation, terms);
  const allowed = new Set(toolChoice?.allowedToolNames);
  const tools = generation.tools.flatMap((tool, index) =>
    allowed.size > 0 && !allowed.has(nameOf(tool)) ? [] : encodeTool(tool, `generation.tools[${index}]`, terms),
  );
  if (allowed.size > 0) losses.emulated(`${CHOICE}.allowed_tool_names`, 'Only the tools that are allowed are sent.');
  const names = new Set(generation.tools.filter((tool) => tool.kind.case !== 'provider').map(nameOf));
  const sent = tools.length === 0 ? new Set<string>() : names;
  const choice = possibleChoice(toolChoice && { ...toolChoice, allowedToolNames: [] }, sent, losses);
  if (tools.length === 0) return toolsOfHistory(generation.messages, losses);
  return { tools, choice: choiceOf(choice), mute: false };
}

function choiceOf(toolChoice: ToolChoice | undefined): Choice {
  switch (toolChoice?.mode) {
    case ToolChoiceMode.REQUIRED:
      return { kind: 'any' };
    case ToolChoiceMode.TOOL:
      return { kind: 'tool', name: toolNameToSend(toolChoice.toolName) };
    default:
      return undefined;
  }
}

function nameOf({ kind }: Tool): string {
  if (kind.case === 'provider') return kind.value.name || kind.value.type;
  return kind.value?.name ?? '';
}

/** The format cannot forbid calls: without tools there are none, but a conversation with calls needs its tools. */
function mutedTools(generation: Generation, terms: ToolTerms): EncodedTools {
  if (calledTools(generation.messages).size === 0) {
    if (generation.tools.length > 0) terms.losses.emulated(CHOICE, 'Calls are forbidden by leaving the tools out.');
    return { tools: [], choice: undefined, mute: true };
  }
  terms.losses.approximated(CHOICE, 'Calls cannot be forbidden in a conversation that has some.');
  const tools = generation.tools.flatMap((tool, index) => encodeTool(tool, `generation.tools[${index}]`, terms));
  return tools.length === 0
    ? toolsOfHistory(generation.messages, terms.losses)
    : { tools, choice: undefined, mute: true };
}

/** A conversation with calls needs the tools' definitions there, whether they may be called again or not. */
function toolsOfHistory(messages: readonly Message[], losses: Losses): EncodedTools {
  const names = calledTools(messages);
  if (names.size > 0) {
    losses.emulated('generation.tools', 'The tools of earlier calls are named, because the format wants that.');
  }
  const inputSchema = { json: { type: 'object', properties: {} } };
  const tools = [...names].map((name) => ({ toolSpec: { name: toolNameToSend(name), inputSchema } }));
  return { tools, choice: undefined, mute: true };
}

function calledTools(messages: readonly Message[]): ReadonlySet<string> {
  return new Set(
    messages.flatMap(({ role, parts }) =>
      role !== Role.ASSISTANT
        ? []
        : parts.flatMap(({ kind }) =>
            kind.case === 'toolCall' && !kind.value.providerExecuted ? [kind.value.name] : [],
          ),
    ),
  );
}

function encodeTool(tool: Tool, path: string, terms: ToolTerms): JsonObject[] {
  const encoded = encodeKind(tool, path, terms);
  return encoded === undefined ? [] : [encoded, ...cachePoint(tool.cacheControl, { ...terms, path, place: 'tools' })];
}

function encodeKind({ kind }: Tool, path: string, { losses }: ToolTerms): JsonObject | undefined {
  switch (kind.case) {
    case 'function':
      return encodeFunction(kind.value, `${path}.function`, losses);
    case 'custom': {
      const { name, description, formatJson } = kind.value;
      losses.approximated(`${path}.custom`, 'Tools take JSON there: the free text is asked for as the member "input".');
      if (formatJson !== '') losses.dropped(`${path}.custom.format_json`, 'This format has no grammars.');
      return toolSpec({ name, description }, TEXT_INPUT);
    }
    case 'provider': {
      const { type, dialect, configJson } = kind.value;
      if (dialect === DIALECT) return writableObject(configJson || '{}', `${path}.provider.config_json`);
      losses.dropped(`${path}.provider`, `The tool ${type} belongs to another format${dialect && `, ${dialect}`}.`);
      return undefined;
    }
    case undefined:
      return undefined;
  }
}

const TEXT_INPUT = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };

function toolSpec({ name, description }: Pick<FunctionTool, 'name' | 'description'>, schema: JsonObject): JsonObject {
  const described = description === '' ? {} : { description };
  return { toolSpec: { name: toolNameToSend(name), ...described, inputSchema: { json: schema } } };
}

/** Schemas are those of objects there. */
function encodeFunction(tool: FunctionTool, path: string, losses: Losses): JsonObject {
  const { parametersJsonSchema: text, strict } = tool;
  if (strict === true) losses.dropped(`${path}.strict`, 'Few models can be held to a schema there: it is told alone.');
  const given = writableObject(text === '' ? '{"properties":{}}' : text, `${path}.parameters_json_schema`);
  return toolSpec(tool, { ...given, type: 'object' });
}

/** The toolConfig member; undefined without tools, because an empty list is refused. */
export function toolConfigOf(
  { tools, choice, chosenFor = CHOICE }: EncodedTools,
  { losses, traits }: ToolTerms,
): JsonObject | undefined {
  if (tools.length === 0) return undefined;
  const plain: JsonObject = { tools };
  if (choice === undefined) return plain;
  if (traits.toolChoices.has(choice.kind)) {
    return { ...plain, toolChoice: choice.kind === 'any' ? { any: {} } : { tool: { name: choice.name } } };
  }
  if (choice.kind === 'tool' && traits.toolChoices.has('any')) {
    const named = tools.filter((tool) => isNamed(tool, choice.name));
    losses.emulated(chosenFor, 'The tool is forced by sending no other one.');
    return { tools: named.length === 0 ? tools : named, toolChoice: { any: {} } };
  }
  losses.approximated(chosenFor, 'This model cannot be made to call a tool; it may.');
  return plain;
}

function isNamed({ toolSpec: spec }: JsonObject, name: string): boolean {
  return typeof spec === 'object' && spec !== null && 'name' in spec && spec.name === name;
}
