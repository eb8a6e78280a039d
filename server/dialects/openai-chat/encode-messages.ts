import { type Message, type Part, Role, type ToolResultPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import type { Losses } from '../losses.ts';
import { type PlacedMessage, pairTools } from '../pair-tools.ts';
import { fitToolCallId } from '../tool-call-id.ts';
import { encodeAssistant } from './encode-assistant.ts';
import { contentOf, encodeUserContent, encodeWords, type Spot } from './encode-content.ts';
import { noteExtras } from './note-extras.ts';
import { toolCallIdRule } from './tool-call-rule.ts';

export interface EncodeTerms {
  readonly quirks: WireQuirks;
  readonly losses: Losses;
}

/** The conversation as the format has it. A result of a tool is a message of its own there. */
export function encodeMessages(messages: readonly Message[], terms: EncodeTerms): JsonObject[] {
  const encoded = pairTools(messages, { losses: terms.losses, turns: 'single' }).flatMap((message) => {
    const spots = message.parts.map((one) => ({ ...one, ...terms }));
    for (const spot of spots) noteExtras(spot);
    const answers = spots.flatMap(encodeResult);
    const others = spots.filter(({ part }) => part.kind.case !== 'toolResult');
    const results = [
      ...answers.map(({ message: result }) => result),
      ...shown(answers.flatMap(({ beside }) => beside)),
    ];
    if (others.length === 0 && results.length > 0) return results;
    return [...results, ...encodeTurn(message, others, terms)];
  });
  // An empty list of messages says less than an empty message, and is refused by all.
  return encoded.length > 0 ? encoded : [{ role: 'user', content: '' }];
}

/** Nothing for a turn of which nothing is left: servers refuse messages that are empty. */
function encodeTurn(message: PlacedMessage, spots: readonly Spot[], terms: EncodeTerms): JsonObject[] {
  const { role, members } = turnOf(message, spots, terms);
  if (members['content'] === '') {
    terms.losses.dropped(message.path, 'Nothing of this message can be sent, so it is left out.');
    return [];
  }
  return [{ role, ...(message.name !== '' && { name: message.name }), ...members }];
}

interface Turn {
  readonly role: string;
  readonly members: JsonObject;
}

function turnOf(message: PlacedMessage, spots: readonly Spot[], { quirks, losses }: EncodeTerms): Turn {
  switch (message.role) {
    case Role.ASSISTANT:
      return { role: 'assistant', members: encodeAssistant(spots) };
    case Role.SYSTEM:
      return { role: 'system', members: { content: contentOf(spots.flatMap(encodeWords)) } };
    case Role.DEVELOPER:
      return { role: quirks.developerRole ?? 'developer', members: { content: contentOf(spots.flatMap(encodeWords)) } };
    default:
      if (message.role === Role.TOOL && spots.some(({ part }) => part.kind.case !== 'toolResult')) {
        losses.approximated(`${message.path}.role`, "Words beside a tool's results are a user's.");
      }
      return { role: 'user', members: { content: contentOf(spots.flatMap(encodeUserContent)) } };
  }
}

function innerSpots(result: ToolResultPart, { path, quirks, losses }: Spot): Spot[] {
  return result.parts.map((part, index) => {
    const spot = { part, path: `${path}.tool_result.parts[${index}]`, quirks, losses };
    noteExtras(spot);
    return spot;
  });
}

/** The message that answers a call, and what of the result cannot stand in it. */
interface EncodedResult {
  readonly message: JsonObject;
  readonly beside: readonly JsonObject[];
}

/** A user's message with what tools answered besides words. */
function shown(entries: readonly JsonObject[]): JsonObject[] {
  return entries.length === 0 ? [] : [{ role: 'user', content: entries }];
}

/** The name says nothing that the call's does not. Only words may answer a call: pictures and documents follow. */
function encodeResult(spot: Spot): EncodedResult[] {
  const { part, path, losses } = spot;
  if (part.kind.case !== 'toolResult') return [];
  const result = part.kind.value;
  if (result.providerExecuted) {
    losses.dropped(`${path}.tool_result`, "This format has no results of a provider's own tools.");
    return [];
  }
  if (result.isError) {
    losses.dropped(
      `${path}.tool_result.is_error`,
      'This format has no mark for a failed tool; its words still go along.',
    );
  }
  const entries = innerSpots(result, spot).flatMap((inner) => encodeAnswered(inner));
  const words = entries.filter(({ type }) => type === 'text');
  const media = entries.filter(({ type }) => type !== 'text');
  const note = media.length > 0 && words.length === 0 ? [{ type: 'text', text: 'The result follows.' }] : words;
  const call_id = fitToolCallId(result.callId, toolCallIdRule(spot.quirks));
  return [
    {
      message: { role: 'tool', tool_call_id: call_id, content: contentOf(note) },
      beside: media.length === 0 ? [] : [{ type: 'text', text: `Result of the tool ${result.name}:` }, ...media],
    },
  ];
}

function encodeAnswered(spot: Spot): JsonObject[] {
  const entries = encodeUserContent(spot);
  if (entries.some(({ type }) => type !== 'text')) {
    spot.losses.emulated(spot.path, "Only words may answer a call: this follows in a user's message.");
  }
  return entries;
}

/** The text that most of the answer will match; undefined without any. */
export function encodePrediction(parts: readonly Part[], terms: EncodeTerms): JsonObject | undefined {
  const content: JsonValue = contentOf(
    parts.flatMap((part, index) => encodeWords({ part, path: `generation.prediction[${index}]`, ...terms })),
  );
  return content === '' ? undefined : { type: 'content', content };
}
