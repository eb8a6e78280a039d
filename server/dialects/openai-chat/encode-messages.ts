import { type Message, type Part, Role, type ToolResultPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import type { Losses } from '../losses.ts';
import { encodeAssistant } from './encode-assistant.ts';
import { contentOf, encodeUserContent, encodeWords, type Spot } from './encode-content.ts';
import { noteExtras } from './note-extras.ts';
import { linkTools, type ToolLinks, toolCallIdRule } from './tool-links.ts';

export interface EncodeTerms {
  readonly quirks: WireQuirks;
  readonly losses: Losses;
}

/** The conversation as the format has it. A result of a tool is a message of its own there. */
export function encodeMessages(messages: readonly Message[], terms: EncodeTerms): JsonObject[] {
  const links = linkTools(messages, toolCallIdRule(terms.quirks));
  const encoded = messages.flatMap((message, index) => {
    const path = `generation.messages[${index}]`;
    const spots = message.parts.map((part, position) => ({ part, path: `${path}.parts[${position}]`, ...terms }));
    for (const spot of spots) noteExtras(spot);
    const results = spots.flatMap((spot) => encodeResult(spot, links));
    const others = spots.filter(({ part }) => part.kind.case !== 'toolResult' || isOrphan(part, links));
    if (others.length === 0 && results.length > 0) return results;
    return [...results, ...encodeTurn(message, others, { ...terms, path, links })];
  });
  // An empty list of messages says less than an empty message, and is refused by all.
  return encoded.length > 0 ? encoded : [{ role: 'user', content: '' }];
}

/** A result whose call is not in the conversation; what the provider itself ran is none of it. */
function isOrphan(part: Part, links: ToolLinks): boolean {
  return part.kind.case === 'toolResult' && !part.kind.value.providerExecuted && !links.has(part);
}

interface TurnTerms extends EncodeTerms {
  readonly path: string;
  readonly links: ToolLinks;
}

/** Nothing for a turn of which nothing is left: servers refuse messages that are empty. */
function encodeTurn(message: Message, spots: readonly Spot[], terms: TurnTerms): JsonObject[] {
  const { role, members } = turnOf(message, spots, terms);
  if (members['content'] === '') {
    terms.losses.dropped(terms.path, 'Nothing of this message can be sent, so it is left out.');
    return [];
  }
  return [{ role, ...(message.name !== '' && { name: message.name }), ...members }];
}

interface Turn {
  readonly role: string;
  readonly members: JsonObject;
}

function turnOf(message: Message, spots: readonly Spot[], { quirks, losses, path, links }: TurnTerms): Turn {
  switch (message.role) {
    case Role.ASSISTANT:
      return { role: 'assistant', members: encodeAssistant(spots, links) };
    case Role.SYSTEM:
      return { role: 'system', members: { content: contentOf(spots.flatMap(encodeWords)) } };
    case Role.DEVELOPER:
      return { role: quirks.developerRole ?? 'developer', members: { content: contentOf(spots.flatMap(encodeWords)) } };
    default:
      if (message.role === Role.TOOL && spots.some(({ part }) => part.kind.case !== 'toolResult')) {
        losses.approximated(`${path}.role`, "Words beside a tool's results are a user's.");
      }
      return { role: 'user', members: { content: contentOf(spots.flatMap(encodeUserTurn)) } };
  }
}

/** A result without its call would be refused as a tool's message: its words are the user's then. */
function encodeUserTurn(spot: Spot): JsonObject[] {
  const { kind } = spot.part;
  if (kind.case !== 'toolResult') return encodeUserContent(spot);
  spot.losses.approximated(
    `${spot.path}.tool_result`,
    "The call of this result is not in the conversation: it is sent as the user's words.",
  );
  return innerSpots(kind.value, spot).flatMap(encodeUserContent);
}

function innerSpots(result: ToolResultPart, { path, quirks, losses }: Spot): Spot[] {
  return result.parts.map((part, index) => {
    const spot = { part, path: `${path}.tool_result.parts[${index}]`, quirks, losses };
    noteExtras(spot);
    return spot;
  });
}

/** The name says nothing that the call's does not. */
function encodeResult(spot: Spot, links: ToolLinks): JsonObject[] {
  const { part, path, losses } = spot;
  if (part.kind.case !== 'toolResult') return [];
  const result = part.kind.value;
  if (result.providerExecuted) {
    losses.dropped(`${path}.tool_result`, "This format has no results of a provider's own tools.");
    return [];
  }
  const callId = links.get(part);
  if (callId === undefined) return [];
  if (result.isError) {
    losses.dropped(
      `${path}.tool_result.is_error`,
      'This format has no mark for a failed tool; its words still go along.',
    );
  }
  const content = contentOf(innerSpots(result, spot).flatMap(encodeWords));
  return [{ role: 'tool', tool_call_id: callId, content }];
}

/** The text that most of the answer will match; undefined without any. */
export function encodePrediction(parts: readonly Part[], terms: EncodeTerms): JsonObject | undefined {
  const content: JsonValue = contentOf(
    parts.flatMap((part, index) => encodeWords({ part, path: `generation.prediction[${index}]`, ...terms })),
  );
  return content === '' ? undefined : { type: 'content', content };
}
