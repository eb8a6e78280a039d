import { type Message, Role } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { type PlacedMessage, pairTools } from '../pair-tools.ts';
import { badField } from '../read-fields.ts';
import { type EncodeTerms, encodePart } from './encode-part.ts';
import { traitsOf } from './model-traits.ts';

/** A turn on its way: its parts, and whether they are results of functions alone. */
interface Turn {
  readonly role: 'user' | 'model';
  readonly parts: JsonObject[];
}

/** The conversation as the format has it. */
export interface EncodedContents {
  readonly contents: readonly JsonObject[];
  /** The parts of the systemInstruction. */
  readonly system: readonly JsonObject[];
}

/**
 * A system's messages at the start are the systemInstruction; later ones are a user's words. Turns of the model that follow
 * each other become one, and so do results of functions: a call must follow a user's turn, and all its results it.
 * Throws SluiceError INVALID_REQUEST where nothing is left to send.
 */
export function encodeContents(messages: readonly Message[], model: string, losses: Losses): EncodedContents {
  const terms: EncodeTerms = { losses, traits: traitsOf(model) };
  const all = pairTools(messages, { losses, turns: 'merged' });
  const first = all.findIndex(({ role }) => !isSystem(role));
  // A conversation needs a turn: instructions alone are the user's words.
  const begin = first < 0 ? 0 : first;
  const system = all.slice(0, begin).flatMap((message) => systemParts(message, losses));
  const turns: Turn[] = [];
  for (const message of all.slice(begin)) {
    if (isSystem(message.role)) {
      losses.emulated(`${message.path}.role`, "Instructions within a conversation are sent as a user's words.");
    }
    addTurn(turns, message.role, partsOf(message, terms));
  }
  if (turns.length === 0) throw badField('generation.messages', 'nothing in them can be sent to the model');
  if (turns[0]?.role === 'model' && turns[0].parts.some((part) => part['functionCall'] !== undefined)) {
    losses.emulated('generation.messages[0]', `Calls follow a user's turn there: "${CONTINUE}" is put first.`);
    turns.unshift({ role: 'user', parts: [{ text: CONTINUE }] });
  }
  return {
    contents: turns.map(({ role, parts }) => ({ role, parts: role === 'model' ? withProof(parts, terms) : parts })),
    system,
  };
}

/** Stands where the format wants a user's turn and there is none. */
const CONTINUE = 'Continue.';

function isSystem(role: Role): boolean {
  return role === Role.SYSTEM || role === Role.DEVELOPER;
}

/** Instructions are texts there. */
function systemParts(message: PlacedMessage, losses: Losses): JsonObject[] {
  noteName(message, losses);
  return message.parts.flatMap(({ part, path }) => {
    if (part.cacheControl !== undefined) {
      losses.dropped(`${path}.cache_control`, 'This format caches prompts unasked and has no marks for it.');
    }
    if (part.kind.case === 'text') return part.kind.value.text === '' ? [] : [{ text: part.kind.value.text }];
    losses.dropped(path, 'Instructions hold text alone in this format.');
    return [];
  });
}

function noteName({ name, path }: PlacedMessage, losses: Losses): void {
  if (name !== '') losses.dropped(`${path}.name`, 'This format has no names of participants.');
}

function partsOf(message: PlacedMessage, terms: EncodeTerms): JsonObject[] {
  noteName(message, terms.losses);
  return message.parts.flatMap((spot) => encodePart(spot, terms));
}

/** Turns without parts are refused, so there are none. */
function addTurn(turns: Turn[], role: Role, parts: readonly JsonObject[]): void {
  if (parts.length === 0) return;
  const next: Turn['role'] = role === Role.ASSISTANT ? 'model' : 'user';
  const last = turns.at(-1);
  const goesOn = last?.role === next && (next === 'model' || (hasResults(last.parts) && hasResults(parts)));
  if (goesOn) last.parts.push(...parts);
  else turns.push({ role: next, parts: [...parts] });
}

function hasResults(parts: readonly JsonObject[]): boolean {
  return parts[0]?.['functionResponse'] !== undefined;
}

/** Google's word for a call that was not its own: https://ai.google.dev/gemini-api/docs/thought-signatures#faqs */
const NO_SIGNATURE = 'skip_thought_signature_validator';

/** The first call of a turn bears the signature of all of them; one that came from elsewhere says so. */
function withProof(parts: readonly JsonObject[], { traits }: EncodeTerms): readonly JsonObject[] {
  const first = parts.findIndex((part) => part['functionCall'] !== undefined);
  if (!traits.wantsSignatures || parts[first]?.['thoughtSignature'] !== undefined) return parts;
  return parts.map((part, at) => (at === first ? { ...part, thoughtSignature: NO_SIGNATURE } : part));
}
