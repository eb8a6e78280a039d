import {
  type Message,
  type Part,
  Role,
  type ToolCallPart,
  type ToolResultPart,
} from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { objectOfText } from '../json-text.ts';
import type { Losses } from '../losses.ts';
import { type PlacedMessage, pairTools, placed } from '../pair-tools.ts';
import { stringOf } from '../read-answer.ts';
import { fitToolCallId } from '../tool-call-id.ts';
import { encodeInputContent, encodeOutputContent, isOwn, noteExtras, type Spot } from './encode-content.ts';
import { CALL_ID_RULE, DIALECT, isContentType } from './wire.ts';

/** The conversation in the two members that the format has for it. */
export interface EncodedConversation {
  readonly instructions: string | undefined;
  readonly input: readonly JsonObject[];
}

/** What the items so far mean for those that follow. */
interface InputState {
  readonly losses: Losses;
  readonly items: JsonObject[];
  /** The message that the next words of its kind go to. */
  words: { readonly role: string; readonly id: string; readonly entries: JsonObject[] } | undefined;
  /** The item that the next thoughts of its id go to. */
  thoughts: Thoughts | undefined;
  /** Ids of calls of custom tools: their results are items of another type. */
  readonly customCalls: Set<string>;
}

interface Thoughts {
  readonly id: string;
  readonly summary: JsonObject[];
  readonly content: JsonObject[];
  encrypted: string;
}

const ROLE_WORDS: ReadonlyMap<Role, string> = new Map<Role, string>([
  [Role.SYSTEM, 'system'],
  [Role.DEVELOPER, 'developer'],
  [Role.ASSISTANT, 'assistant'],
]);

export interface ConversationTerms {
  readonly losses: Losses;
  /** The conversation goes on from one that the provider stores: calls and results may have their counterparts there. */
  readonly goesOn: boolean;
}

/** Encodes a conversation. A system's message that opens it and is plain text becomes the instructions. */
export function encodeConversation(messages: readonly Message[], terms: ConversationTerms): EncodedConversation {
  const { losses, goesOn } = terms;
  const instructions = messages.length > 1 ? plainSystemText(messages[0]) : undefined;
  const state: InputState = { losses, items: [], words: undefined, thoughts: undefined, customCalls: new Set() };
  const all = goesOn ? placed(messages) : pairTools(messages, { losses, turns: 'merged' });
  for (const [index, message] of all.entries()) {
    if (index > 0 || instructions === undefined) addMessage(state, message, index);
  }
  if (state.items.length > 0 || goesOn) return { instructions, input: state.items };
  // A request without input is refused.
  const role = instructions === undefined ? 'user' : 'system';
  return { instructions: undefined, input: [{ role, content: instructions ?? '' }] };
}

function plainSystemText(message: Message | undefined): string | undefined {
  const [part, ...others] = message?.role === Role.SYSTEM && message.name === '' ? message.parts : [];
  const plain = part?.kind.case === 'text' && part.cacheControl === undefined && part.signature === '';
  return plain && part.kind.case === 'text' && others.length === 0 ? part.kind.value.text : undefined;
}

function addMessage(state: InputState, { role, name, path, parts }: PlacedMessage, index: number): void {
  if (name !== '') state.losses.dropped(`${path}.name`, 'This format has no names of participants.');
  for (const [position, one] of parts.entries()) {
    const spot = { ...one, losses: state.losses };
    noteExtras(spot);
    addPart(state, spot, { role, place: `${index}_${position}` });
  }
  flush(state);
}

interface PartPlace {
  readonly role: Role;
  /** Tells the part from all others. */
  readonly place: string;
}

function addPart(state: InputState, spot: Spot, { role, place }: PartPlace): void {
  const { kind } = spot.part;
  if (kind.case === 'toolCall') addCall(state, spot, { call: kind.value, place });
  else if (kind.case === 'toolResult') addResult(state, spot, { result: kind.value, place });
  else if (kind.case === 'reasoning') addThought(state, spot);
  else addWords(state, spot, role);
}

function flush(state: InputState): void {
  const { words, thoughts } = state;
  state.words = undefined;
  state.thoughts = undefined;
  if (words !== undefined && words.entries.length > 0) state.items.push(messageItem(words));
  if (thoughts !== undefined) state.items.push(reasoningItem(thoughts));
}

function messageItem({ role, id, entries }: NonNullable<InputState['words']>): JsonObject {
  if (id === '') return { role, content: contentOf(entries) };
  return { type: 'message', id, role, status: 'completed', content: entries };
}

/** One plain text is written as a string, which every server understands. */
function contentOf(entries: readonly JsonObject[]): JsonValue {
  const [first, ...others] = entries;
  if (first === undefined) return '';
  const { type, text, annotations, ...more } = first;
  const plain =
    others.length === 0 && Object.keys(more).length === 0 && (type === 'input_text' || type === 'output_text');
  const bare = !Array.isArray(annotations) || annotations.length === 0;
  return plain && bare && typeof text === 'string' ? text : entries;
}

function reasoningItem({ id, summary, content, encrypted }: Thoughts): JsonObject {
  return {
    type: 'reasoning',
    ...(id !== '' && { id }),
    summary,
    ...(content.length > 0 && { content }),
    ...(encrypted !== '' && { encrypted_content: encrypted }),
  };
}

function addWords(state: InputState, spot: Spot, role: Role): void {
  const { kind, itemId } = spot.part;
  const assistant = role === Role.ASSISTANT;
  if (kind.case === 'raw' && kind.value.dialect === DIALECT) {
    const item = objectOfText(kind.value.json, `${spot.path}.raw.json`);
    if (!isContentType(stringOf(item['type']))) {
      flush(state);
      state.items.push(item);
      return;
    }
  }
  const entries = assistant ? encodeOutputContent(spot) : encodeInputContent(spot);
  // Words beside a tool's results can only be a user's.
  const word = ROLE_WORDS.get(role) ?? 'user';
  const id = assistant && isOwn(spot.part) ? itemId : '';
  if (state.words?.role !== word || state.words.id !== id) {
    flush(state);
    state.words = { role: word, id, entries: [] };
  }
  state.words.entries.push(...entries);
}

/** The provider takes its own thoughts back, by their id or encrypted, and no others. */
function addThought(state: InputState, { part, path, losses }: Spot): void {
  if (part.kind.case !== 'reasoning') return;
  const { text, summary, redactedData } = part.kind.value;
  if (!isOwn(part) || (part.itemId === '' && redactedData === '')) {
    losses.dropped(`${path}.reasoning`, 'The provider takes no reasoning back but its own.');
    return;
  }
  const { itemId: id } = part;
  if (state.thoughts === undefined || state.thoughts.id !== id || id === '') {
    flush(state);
    state.thoughts = { id, summary: [], content: [], encrypted: '' };
  }
  if (text !== '' && summary) state.thoughts.summary.push({ type: 'summary_text', text });
  else if (text !== '') state.thoughts.content.push({ type: 'reasoning_text', text });
  if (redactedData !== '') state.thoughts.encrypted = redactedData;
}

interface CallAt {
  readonly call: ToolCallPart;
  readonly place: string;
}

function addCall(state: InputState, { part, path, losses }: Spot, { call, place }: CallAt): void {
  if (call.providerExecuted) {
    losses.dropped(
      `${path}.tool_call`,
      "The tool was run by a provider of another format, whose calls this one's has not.",
    );
    return;
  }
  flush(state);
  const call_id = fitToolCallId(call.id || `call_${place}`, CALL_ID_RULE);
  const id = isOwn(part) && part.itemId !== '' ? { id: part.itemId } : {};
  if (call.input.case === 'text') {
    state.customCalls.add(call_id);
    state.items.push({ type: 'custom_tool_call', ...id, call_id, name: call.name, input: call.input.value });
  } else {
    state.items.push({ type: 'function_call', ...id, call_id, name: call.name, arguments: call.input.value || '{}' });
  }
}

interface ResultAt {
  readonly result: ToolResultPart;
  readonly place: string;
}

function addResult(state: InputState, { path, losses }: Spot, { result, place }: ResultAt): void {
  if (result.providerExecuted) {
    losses.dropped(
      `${path}.tool_result`,
      "The tool was run by a provider of another format, whose results this one's has not.",
    );
    return;
  }
  if (result.isError) {
    losses.dropped(
      `${path}.tool_result.is_error`,
      'This format has no mark for a failed tool; its words still go along.',
    );
  }
  flush(state);
  const entries = result.parts.flatMap((inner: Part, index) => {
    const spot = { part: inner, path: `${path}.tool_result.parts[${index}]`, losses };
    noteExtras(spot);
    return encodeInputContent(spot);
  });
  const call_id = fitToolCallId(result.callId || `call_${place}`, CALL_ID_RULE);
  const type = state.customCalls.has(call_id) ? 'custom_tool_call_output' : 'function_call_output';
  state.items.push({ type, call_id, output: contentOf(entries) });
}
