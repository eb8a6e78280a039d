import { type Message, Role } from '../../../gen/sluice/v1/content_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { type PlacedMessage, pairTools } from '../pair-tools.ts';
import { encodeContent } from './encode-content.ts';
import type { RequestTerms, Spot } from './encode-spot.ts';

/** A turn as the format has it: of the user or the assistant, by turns. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly JsonObject[];
}

/** A conversation as the format has it. */
export interface Conversation {
  /** Empty where there are no instructions. */
  readonly system: readonly JsonObject[];
  readonly turns: readonly Turn[];
}

/**
 * Instructions at the start become the system prompt, those within the conversation a user's words that say what they are.
 * Turns of the same side are one; the first is the user's.
 */
export function encodeConversation(messages: readonly Message[], terms: RequestTerms): Conversation {
  const { losses } = terms;
  const all = pairTools(messages, { losses, turns: 'merged' });
  const found = all.findIndex(({ role }) => !isInstruction(role));
  const first = found < 0 ? all.length : found;
  const system = all
    .slice(0, first)
    .flatMap((message) => spotsOf(message, terms).flatMap((spot) => encodeContent(spot, 'system')));
  const turns = all.slice(first).map((message) => turnOf(message, terms));
  const merged = withEnds(mergeTurns(turns, losses), messages.length, terms);
  if (merged.length > 0) return { system, turns: merged };
  losses.emulated('generation.messages', "A conversation needs a user's turn there: the instructions are sent as one.");
  return { system: [], turns: [{ role: 'user', content: system.length > 0 ? system : [words(CONTINUE)] }] };
}

const isInstruction = (role: Role): boolean => role === Role.SYSTEM || role === Role.DEVELOPER;
const isText = (block: JsonObject): boolean => typeof block['text'] === 'string';
const words = (text: string): JsonObject => ({ text });

/** Stands where the format wants a user's turn and there is none. */
const CONTINUE = 'Continue.';
/** Stands beside a document where the format wants words and there are none. */
const ATTACHED = 'A document is attached.';

function spotsOf({ name, path, parts }: PlacedMessage, terms: RequestTerms): Spot[] {
  if (name !== '') terms.losses.dropped(`${path}.name`, 'This format has no names of participants.');
  return parts.map((one) => ({ ...terms, ...one }));
}

function turnOf(message: PlacedMessage, terms: RequestTerms): Turn {
  const spots = spotsOf(message, terms);
  if (message.role === Role.ASSISTANT) {
    return { role: 'assistant', content: spots.flatMap((spot) => encodeContent(spot, 'assistant')) };
  }
  if (!isInstruction(message.role)) {
    return { role: 'user', content: spots.flatMap((spot) => encodeContent(spot, 'user')) };
  }
  terms.losses.emulated(
    `${message.path}.role`,
    "Instructions within a conversation are sent as a user's words, marked as the system's.",
  );
  const marked = (block: JsonObject): JsonObject =>
    typeof block['text'] === 'string' ? { text: `<system>\n${block['text']}\n</system>` } : block;
  return { role: 'user', content: spots.flatMap((spot) => encodeContent(spot, 'system')).map(marked) };
}

/** Turns without content are none. Results of tools stand before the words of their turn, and words beside documents. */
function mergeTurns(turns: readonly Turn[], losses: Losses): Turn[] {
  const merged: { role: Turn['role']; content: JsonObject[] }[] = [];
  for (const { role, content } of turns) {
    const last = merged.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) last.content.push(...content);
    else merged.push({ role, content: [...content] });
  }
  return merged.map(({ role, content }) => ({
    role,
    content: role === 'user' ? withWords(resultsFirst(content), losses) : content,
  }));
}

function resultsFirst(content: readonly JsonObject[]): readonly JsonObject[] {
  const isResult = (block: JsonObject): boolean => block['toolResult'] !== undefined;
  return [...content.filter(isResult), ...content.filter((block) => !isResult(block))];
}

function withWords(content: readonly JsonObject[], losses: Losses): readonly JsonObject[] {
  if (content.some(isText) || !content.some((block) => block['document'] !== undefined)) return content;
  losses.emulated('generation.messages', `A document needs words beside it there: "${ATTACHED}" is added.`);
  return [...content, words(ATTACHED)];
}

function withEnds(turns: readonly Turn[], count: number, { losses, traits }: RequestTerms): readonly Turn[] {
  if (turns.length === 0) return turns;
  const user: Turn = { role: 'user', content: [words(CONTINUE)] };
  const begun = turns[0]?.role === 'assistant' ? [user, ...turns] : turns;
  if (begun.length > turns.length) {
    losses.emulated('generation.messages[0]', `A conversation begins with the user there: "${CONTINUE}" is put first.`);
  }
  const last = begun.at(-1);
  if (last?.role !== 'assistant') return begun;
  const [end] = last.content.slice(-1);
  if (traits.prefill && end !== undefined && isText(end)) {
    return [...begun.slice(0, -1), { role: 'assistant', content: withoutLastSpace(last.content) }];
  }
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
