import type { Message } from '../../gen/sluice/v1/content_pb.ts';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../gen/sluice/v1/tool_pb.ts';
import type { JsonValue } from '../core/json.ts';
import { valueForSchema } from './json-schema.ts';
import { hash32 } from './seeded-random.ts';
import { partText } from './tokens.ts';

/** A tool that the simulated model calls. */
export interface PlannedCall {
  readonly id: string;
  readonly name: string;
  /** A custom tool takes text, a function JSON. */
  readonly custom: boolean;
  readonly input: string;
}

interface CallableTool {
  readonly name: string;
  readonly custom: boolean;
  readonly schemaJson: string;
}

/**
 * The tools that the model calls: none unless the last message is the user's. Called are those whose names the message
 * mentions; where it mentions none, the first one if the request requires a call or the message has the word "tool".
 */
export function planToolCalls(generation: Generation, seed: number): readonly PlannedCall[] {
  const last = generation.messages.at(-1);
  if (last === undefined || last.role !== Role.USER) return [];
  const prompt = messageText(last);
  return chooseTools(generation, prompt).map((tool, index) => {
    const chance = hash32(seed, prompt, tool.name, index);
    return {
      id: `call_${chance.toString(16).padStart(8, '0')}${index}`,
      name: tool.name,
      custom: tool.custom,
      input: tool.custom ? `simulated input of ${tool.name}` : argumentsFor(tool.schemaJson, seed),
    };
  });
}

/** What a message says, as text. */
export function messageText(message: Message): string {
  return message.parts.map(partText).join('\n');
}

function chooseTools(generation: Generation, prompt: string): readonly CallableTool[] {
  const choice = generation.toolChoice;
  const mode = choice?.mode ?? ToolChoiceMode.AUTO;
  const allowed = new Set(choice?.allowedToolNames);
  const tools = callableTools(generation).filter(({ name }) => allowed.size === 0 || allowed.has(name));
  if (mode === ToolChoiceMode.NONE) return [];
  if (mode === ToolChoiceMode.TOOL) return tools.filter(({ name }) => name === choice?.toolName).slice(0, 1);
  const mentioned = tools.filter(({ name }) => mentions(prompt, name));
  if (mentioned.length > 0) return mentioned.slice(0, generation.parallelToolCalls === false ? 1 : undefined);
  const wanted = mode === ToolChoiceMode.REQUIRED || /\btools?\b/i.test(prompt);
  return wanted ? tools.slice(0, 1) : [];
}

function callableTools(generation: Generation): readonly CallableTool[] {
  return generation.tools.flatMap(({ kind }): CallableTool[] => {
    if (kind.case === 'function') {
      return [{ name: kind.value.name, custom: false, schemaJson: kind.value.parametersJsonSchema }];
    }
    return kind.case === 'custom' ? [{ name: kind.value.name, custom: true, schemaJson: '' }] : [];
  });
}

/** Whether a text has a tool's name, as it is or with spaces: get_weather, get weather. */
function mentions(prompt: string, name: string): boolean {
  const plain = (text: string): string => ` ${text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ')} `;
  return plain(prompt).includes(plain(name));
}

function argumentsFor(schemaJson: string, seed: number): string {
  return JSON.stringify(schemaJson === '' ? {} : valueForSchema(parseSchema(schemaJson), seed));
}

/** A schema from its text; text that is not JSON allows any object. */
export function parseSchema(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return { type: 'object' };
  }
}
