import { type Message, Role } from '../../../gen/sluice/v1/content_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { type PlacedMessage, pairTools } from '../pair-tools.ts';
import { encodeContent, type Spot } from './encode-content.ts';
import { encodeAssistantPart, encodeUserPart } from './encode-turns.ts';
import { createToolIds, type ToolIds } from './tool-ids.ts';
import type { Turn } from './turn.ts';

/** A conversation as the format has it. */
export interface Conversation {
  /** Empty where there are no instructions. */
  readonly system: readonly JsonObject[];
  readonly turns: readonly Turn[];
}

export interface ConversationTerms {
  readonly losses: Losses;
  /** The model goes on from a last turn of the assistant's. */
  readonly prefill: boolean;
}

/**
 * Instructions at the start become the system prompt, those within the conversation a user's words that say what they are.
 * Turns of the same side are one; the first is the user's; results of tools stand first in the turn after their calls.
 */
export function encodeConversation(messages: readonly Message[], terms: ConversationTerms): Conversation {
  const { losses } = terms;
  const all = pairTools(messages, { losses, turns: 'merged' });
  const found = all.findIndex(({ role }) => !isInstruction(role));
  const first = found < 0 ? all.length : found;
  const system = all.slice(0, first).flatMap((message) => spotsOf(message, losses).flatMap(systemBlocks));
  const ids = createToolIds();
  const turns = all.slice(first).map((message) => turnOf(message, { losses, ids }));
  const merged = withEnds(mergeTurns(turns).map(resultsFirst), messages.length, terms);
  if (merged.length > 0) return { system, turns: merged };
  losses.emulated('generation.messages', "A conversation needs a user's turn there: the instructions are sent as one.");
  return { system: [], turns: [{ role: 'user', content: system.length > 0 ? system : [words(CONTINUE)] }] };
}

const isInstruction = (role: Role): boolean => role === Role.SYSTEM || role === Role.DEVELOPER;
const isText = (block: JsonObject): boolean => block['type'] === 'text';
const words = (text: string): JsonObject => ({ type: 'text', text });

/** The system prompt is text alone. */
function systemBlocks(spot: Spot): JsonObject[] {
  const blocks = encodeContent(spot);
  if (blocks.every(isText)) return blocks;
  spot.losses.dropped(spot.path, 'Instructions are text alone there.');
  return [];
}

/** Stands where the format wants a user's turn and there is none. */
const CONTINUE = 'Continue.';

function spotsOf({ name, path, parts }: PlacedMessage, losses: Losses): Spot[] {
  if (name !== '') losses.dropped(`${path}.name`, 'This format has no names of participants.');
  return parts.map((one) => ({ ...one, losses }));
}

function turnOf(message: PlacedMessage, { losses, ids }: { losses: Losses; ids: ToolIds }): Turn {
  const spots = spotsOf(message, losses);
  if (message.role === Role.ASSISTANT) {
    return { role: 'assistant', content: spots.flatMap((spot) => encodeAssistantPart(spot, ids)) };
  }
  if (!isInstruction(message.role))
    return { role: 'user', content: spots.flatMap((spot) => encodeUserPart(spot, ids)) };
  losses.emulated(
    `${message.path}.role`,
    "Instructions within a conversation are sent as a user's words, marked as the system's.",
  );
  const text = (block: JsonObject) => (typeof block['text'] === 'string' ? block['text'] : '');
  return {
    role: 'user',
    content: spots
      .flatMap(encodeContent)
      .map((block) => (isText(block) ? { ...block, text: `<system>\n${text(block)}\n</system>` } : block)),
  };
}

/** Results of tools stand before the words of their turn. */
function resultsFirst({ role, content }: Turn): Turn {
  const isResult = ({ type }: JsonObject): boolean => type === 'tool_result';
  return { role, content: [...content.filter(isResult), ...content.filter((block) => !isResult(block))] };
}

/** Turns without content are none. */
function mergeTurns(turns: readonly Turn[]): Turn[] {
  const merged: { role: Turn['role']; content: JsonObject[] }[] = [];
  for (const { role, content } of turns) {
    const last = merged.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) last.content.push(...content);
    else merged.push({ role, content: [...content] });
  }
  return merged;
}

function withEnds(turns: readonly Turn[], count: number, { losses, prefill }: ConversationTerms): readonly Turn[] {
  if (turns.length === 0) return turns;
  const user: Turn = { role: 'user', content: [words(CONTINUE)] };
  const begun = turns[0]?.role === 'assistant' ? [user, ...turns] : turns;
  if (begun.length > turns.length) {
    losses.emulated('generation.messages[0]', `A conversation begins with the user there: "${CONTINUE}" is put first.`);
  }
  const last = begun.at(-1);
  if (last?.role !== 'assistant') return begun;
  if (prefill && last.content.at(-1)?.['type'] === 'text')
    return [...begun.slice(0, -1), { role: 'assistant', content: withoutLastSpace(last.content) }];
  losses.emulated(
    `generation.messages[${count - 1}]`,
    `This model does not go on from words put into its mouth: "${CONTINUE}" is asked after them.`,
  );
  return [...begun, user];
}

/** Words that the model goes on from may not end in white space. */
function withoutLastSpace(content: readonly JsonObject[]): readonly JsonObject[] {
  const last = content.at(-1);
  if (!isJsonObject(last) || typeof last['text'] !== 'string') return content;
  return [...content.slice(0, -1), { ...last, text: last['text'].trimEnd() }];
}
