import { type Message, Role, type ToolCallPart, type ToolResultPart } from '../../../gen/sluice/v1/content_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { pairTools } from '../pair-tools.ts';
import { encodeUserContent, encodeWords, noteExtras, type RequestTerms, type Spot } from './encode-content.ts';

/** The conversation as the format has it. A result of a tool is a message of its own there. */
export function encodeMessages(messages: readonly Message[], terms: RequestTerms): JsonObject[] {
  const encoded = pairTools(messages, { losses: terms.losses, turns: 'single' }).flatMap(
    ({ role, name, path, parts }) => {
      if (name !== '') terms.losses.dropped(`${path}.name`, 'This format has no names of participants.');
      const spots = parts.map((one): Spot => {
        const spot = { ...terms, ...one };
        noteExtras(spot);
        return spot;
      });
      const place = { role, path, losses: terms.losses };
      const results = spots.flatMap(encodeResult);
      const others = spots.filter(({ part }) => part.kind.case !== 'toolResult');
      return others.length > 0 || results.length === 0 ? [...results, ...encodeTurn(place, others)] : results;
    },
  );
  if (encoded.length > 0) return encoded;
  terms.losses.emulated('generation.messages', `Nothing of them can be sent: "${CONTINUE}" is asked instead.`);
  return [{ role: 'user', content: CONTINUE }];
}

const CONTINUE = 'Continue.';

/** Where a message stands in the request, and where its losses go. */
type MessagePlace = Pick<Spot, 'path' | 'losses'>;

function encodeTurn(place: MessagePlace & { readonly role: Role }, spots: readonly Spot[]): JsonObject[] {
  switch (place.role) {
    case Role.ASSISTANT:
      return unlessEmpty({ role: 'assistant', ...assistantMembers(spots) }, place);
    case Role.SYSTEM:
    case Role.DEVELOPER:
      return unlessEmpty({ role: 'system', content: contentOf(spots.flatMap(encodeWords)) }, place);
    // Words beside a tool's results can only be a user's.
    default:
      return unlessEmpty({ role: 'user', content: contentOf(spots.flatMap(encodeUserContent)) }, place);
  }
}

/** A message that says nothing is refused there. */
function unlessEmpty(message: JsonObject, { path, losses }: MessagePlace): JsonObject[] {
  const says = message['content'] !== '' && message['content'] !== undefined;
  if (says || message['tool_calls'] !== undefined || message['tool_plan'] !== undefined) return [message];
  losses.dropped(path, 'A message that says nothing is refused there.');
  return [];
}

/** One text is written as a string. */
function contentOf(entries: readonly JsonObject[]): JsonValue {
  const [first, ...others] = entries;
  if (first === undefined) return '';
  return others.length === 0 && first['type'] === 'text' && typeof first['text'] === 'string' ? first['text'] : entries;
}

function assistantMembers(spots: readonly Spot[]): JsonObject {
  const words: JsonObject[] = [];
  const calls: JsonObject[] = [];
  const plans: string[] = [];
  const hasCalls = spots.some(({ part }) => part.kind.case === 'toolCall');
  for (const spot of spots) {
    const { kind } = spot.part;
    if (kind.case === 'toolCall') calls.push(...encodeCall(kind.value, spot));
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

function encodeCall(call: ToolCallPart, { path, losses }: Spot): JsonObject[] {
  if (call.providerExecuted) {
    losses.dropped(`${path}.tool_call`, "This format has no calls of a provider's own tools.");
    return [];
  }
  const { id, name, input } = call;
  if (input.case === 'text') {
    losses.approximated(`${path}.tool_call.text`, 'The input is sent as the member "input" of an object.');
  }
  const text = input.case === 'text' ? JSON.stringify({ input: input.value }) : input.value || '{}';
  return [{ id, type: 'function', function: { name, arguments: text } }];
}

function encodeResult(spot: Spot): JsonObject[] {
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
  return [{ role: 'tool', tool_call_id: result.callId, content: content.length === 0 ? '' : content }];
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
