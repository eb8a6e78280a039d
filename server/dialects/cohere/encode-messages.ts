import { type Message, Role, type ToolCallPart, type ToolResultPart } from '../../../gen/sluice/v1/content_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { encodeUserContent, encodeWords, noteExtras, type RequestTerms, type Spot } from './encode-content.ts';

/** The ids of calls that had none, in the order in which results without one answer them. */
type NamelessCalls = string[];

/** The conversation as the format has it. A result of a tool is a message of its own there. */
export function encodeMessages(messages: readonly Message[], terms: RequestTerms): JsonObject[] {
  const nameless: NamelessCalls = [];
  return messages.flatMap((message, index) => {
    const path = `generation.messages[${index}]`;
    if (message.name !== '') terms.losses.dropped(`${path}.name`, 'This format has no names of participants.');
    const spots = message.parts.map((part, position): Spot => {
      const spot = { ...terms, part, path: `${path}.parts[${position}]` };
      noteExtras(spot);
      return spot;
    });
    const results = spots.flatMap((spot) => encodeResult(spot, nameless));
    const others = spots.filter(({ part }) => part.kind.case !== 'toolResult');
    return others.length > 0 || results.length === 0 ? [...results, ...encodeTurn(message, others, nameless)] : results;
  });
}

/** Messages that nothing is left of are none, but for the assistant's, whose place in the conversation says something. */
function encodeTurn({ role, parts }: Message, spots: readonly Spot[], nameless: NamelessCalls): JsonObject[] {
  switch (role) {
    case Role.ASSISTANT:
      return [{ role: 'assistant', ...assistantMembers(spots, nameless) }];
    case Role.SYSTEM:
    case Role.DEVELOPER:
      return withContent('system', spots.flatMap(encodeWords), parts.length);
    // Words beside a tool's results can only be a user's.
    default:
      return withContent('user', spots.flatMap(encodeUserContent), parts.length);
  }
}

function withContent(role: string, entries: readonly JsonObject[], had: number): JsonObject[] {
  return entries.length === 0 && had > 0 ? [] : [{ role, content: contentOf(entries) }];
}

/** One text is written as a string. */
function contentOf(entries: readonly JsonObject[]): JsonValue {
  const [first, ...others] = entries;
  if (first === undefined) return '';
  return others.length === 0 && first['type'] === 'text' && typeof first['text'] === 'string' ? first['text'] : entries;
}

function assistantMembers(spots: readonly Spot[], nameless: NamelessCalls): JsonObject {
  const words: JsonObject[] = [];
  const calls: JsonObject[] = [];
  const plans: string[] = [];
  const hasCalls = spots.some(({ part }) => part.kind.case === 'toolCall');
  for (const spot of spots) {
    const { kind } = spot.part;
    if (kind.case === 'toolCall') calls.push(...encodeCall(kind.value, spot, nameless));
    else if (kind.case !== 'reasoning') words.push(...encodeWords(spot));
    else if (spot.canThink) words.push(...encodeThought(spot));
    else plans.push(...encodePlan(spot, hasCalls));
  }
  const silent = words.length === 0 && (calls.length > 0 || plans.length > 0);
  return {
    ...(!silent && { content: contentOf(words) }),
    ...(plans.length > 0 && { tool_plan: plans.join('') }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** The words of thoughts; empty where only their provider can read them. */
function thoughtText({ part, path, losses }: Spot): string {
  if (part.kind.case !== 'reasoning') return '';
  const { text, redactedData } = part.kind.value;
  if (redactedData !== '') losses.dropped(`${path}.reasoning.redacted_data`, 'This format has no encrypted reasoning.');
  return text;
}

function encodeThought(spot: Spot): JsonObject[] {
  const thinking = thoughtText(spot);
  return thinking === '' ? [] : [{ type: 'thinking', thinking }];
}

/** Models that do not think plan their calls: what was thought before calls is their plan, elsewhere it has no place. */
function encodePlan(spot: Spot, hasCalls: boolean): string[] {
  const plan = thoughtText(spot);
  if (plan === '' || hasCalls) return plan === '' ? [] : [plan];
  spot.losses.dropped(`${spot.path}.reasoning`, 'This model takes no thoughts back.');
  return [];
}

function encodeCall(call: ToolCallPart, { path, losses }: Spot, nameless: NamelessCalls): JsonObject[] {
  if (call.providerExecuted) {
    losses.dropped(`${path}.tool_call`, "This format has no calls of a provider's own tools.");
    return [];
  }
  const { name, input } = call;
  const id = call.id || path.replaceAll(/[^a-z0-9]+/g, '_');
  if (call.id === '') nameless.push(id);
  if (input.case === 'text') {
    losses.approximated(`${path}.tool_call.text`, 'The input is sent as the member "input" of an object.');
  }
  const text = input.case === 'text' ? JSON.stringify({ input: input.value }) : input.value || '{}';
  return [{ id, type: 'function', function: { name, arguments: text } }];
}

function encodeResult(spot: Spot, nameless: NamelessCalls): JsonObject[] {
  const { part, path, losses } = spot;
  if (part.kind.case !== 'toolResult') return [];
  const result: ToolResultPart = part.kind.value;
  if (result.providerExecuted) {
    losses.dropped(`${path}.tool_result`, "This format has no results of a provider's own tools.");
    return [];
  }
  if (result.isError) {
    const why = 'This format has no mark for a failed tool; its words still go along.';
    losses.dropped(`${path}.tool_result.is_error`, why);
  }
  const content = result.parts.flatMap((inner, index) => {
    const within = { ...spot, part: inner, path: `${path}.tool_result.parts[${index}]` };
    noteExtras(within);
    return encodeWords(within).map(asDocument);
  });
  const id = result.callId || (nameless.shift() ?? '');
  return [{ role: 'tool', tool_call_id: id, content: content.length === 0 ? '' : content }];
}

/** Objects are documents, whose members the model can cite; other results are plain text. */
function asDocument(entry: JsonObject): JsonObject {
  const data = entry['text'];
  return entry['type'] === 'text' && typeof data === 'string' && isObjectText(data)
    ? { type: 'document', document: { data } }
    : entry;
}

function isObjectText(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    return isJsonObject(JSON.parse(text));
  } catch {
    return false;
  }
}
