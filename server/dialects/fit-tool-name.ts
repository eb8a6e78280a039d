import { hash } from 'node:crypto';
import { type Message, type Part, Role } from '../../gen/sluice/v1/content_pb.ts';
import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';
import type { Tool } from '../../gen/sluice/v1/tool_pb.ts';
import type { Losses } from './losses.ts';

/** What a format demands of the names of tools. */
export interface ToolNameRule {
  /** Matches a whole name that the format takes as it is. */
  readonly pattern: RegExp;
  /** The most characters that a name may have. */
  readonly length: number;
}

/** Of OpenAI's formats: "Must be a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum length of 64." */
export const OPENAI_TOOL_NAMES: ToolNameRule = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, length: 64 };

/** A request whose tools have names that the format takes. */
export interface FittedNames {
  readonly generation: Generation;
  /** The caller's names by those that are sent; undefined where all are sent as they are. */
  readonly names: ReadonlyMap<string, string> | undefined;
}

/** Of the hash that keeps apart names that would read alike, in hexadecimal digits. */
const MARK = 8;

/**
 * The name as the format takes it: itself where it fits, else its letters, digits and underscores with a hash of the whole,
 * so that two names stay two, and the same request reads the same each time.
 */
export function fitToolName(name: string, { pattern, length }: ToolNameRule): string {
  if (pattern.test(name)) return name;
  const words = name.replaceAll(/[^a-zA-Z0-9_]+/g, '_').replace(/^[^a-zA-Z_]/, 'f$&');
  return `${words.slice(0, length - MARK - 1)}_${hash('sha1', name, 'hex').slice(0, MARK)}`;
}

/**
 * The request with names of tools that the format takes, wherever they stand: in tools, their choice, calls and results.
 * Tools that a provider runs have names of its own. Each name that is changed is noted where it is declared, or else
 * called; restoreToolNames gives answers the caller's names back.
 */
export function fitToolNames(generation: Generation, rule: ToolNameRule, losses: Losses): FittedNames {
  const names = new Map<string, string>();
  for (const [given, path] of namesOf(generation)) {
    const sent = fitToolName(given, rule);
    if (sent === given || names.has(sent)) continue;
    names.set(sent, given);
    losses.emulated(path, `The format does not take this name: the tool is called ${sent} there.`);
  }
  if (names.size === 0) return { generation, names: undefined };
  const rename = (name: string): string => fitToolName(name, rule);
  return { generation: renamed(generation, rename), names };
}

/** All names that are the caller's, with where they stand. */
function* namesOf({ tools, messages }: Generation): Generator<readonly [string, string]> {
  for (const [at, { kind }] of tools.entries()) {
    if (kind.case === 'function' || kind.case === 'custom') {
      yield [kind.value.name, `generation.tools[${at}].${kind.case}.name`];
    }
  }
  for (const [at, { role, parts }] of messages.entries()) {
    if (role !== Role.ASSISTANT) continue;
    for (const [position, { kind }] of parts.entries()) {
      if (kind.case !== 'toolCall' || kind.value.providerExecuted) continue;
      yield [kind.value.name, `generation.messages[${at}].parts[${position}].tool_call.name`];
    }
  }
}

type Rename = (name: string) => string;

function renamed(generation: Generation, rename: Rename): Generation {
  const { tools, messages, toolChoice } = generation;
  return {
    ...generation,
    tools: tools.map((tool) => renamedTool(tool, rename)),
    messages: messages.map(
      (message): Message => ({ ...message, parts: message.parts.map((part) => renamedPart(part, rename)) }),
    ),
    ...(toolChoice !== undefined && {
      toolChoice: {
        ...toolChoice,
        toolName: chosen(toolChoice.toolName, tools, rename),
        allowedToolNames: toolChoice.allowedToolNames.map((name) => chosen(name, tools, rename)),
      },
    }),
  };
}

/** A choice may name a tool that the provider runs, or none at all. */
function chosen(name: string, tools: readonly Tool[], rename: Rename): string {
  const own = tools.some(({ kind }) => kind.case !== 'provider' && kind.value?.name === name);
  return own ? rename(name) : name;
}

function renamedTool(tool: Tool, rename: Rename): Tool {
  const { kind } = tool;
  switch (kind.case) {
    case 'function':
      return { ...tool, kind: { case: 'function', value: { ...kind.value, name: rename(kind.value.name) } } };
    case 'custom':
      return { ...tool, kind: { case: 'custom', value: { ...kind.value, name: rename(kind.value.name) } } };
    default:
      return tool;
  }
}

function renamedPart(part: Part, rename: Rename): Part {
  const { kind } = part;
  if (kind.case === 'toolCall' && !kind.value.providerExecuted) {
    return { ...part, kind: { case: 'toolCall', value: { ...kind.value, name: rename(kind.value.name) } } };
  }
  if (kind.case === 'toolResult' && !kind.value.providerExecuted && kind.value.name !== '') {
    return { ...part, kind: { case: 'toolResult', value: { ...kind.value, name: rename(kind.value.name) } } };
  }
  return part;
}
