import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { decodeCard } from './decode-card.ts';
import type { ModelCard } from './model-card.ts';
import { readMembers } from './read-members.ts';

/** The models of one provider, as a file tells of them. */
export interface ProviderCards {
  readonly provider: string;
  /** The day on which the facts were read from their sources. */
  readonly checked: string | undefined;
  readonly cards: readonly ModelCard[];
}

export interface DecodedCatalogue {
  readonly providers: readonly ProviderCards[];
  /** What is wrong with the file, each with where. Empty: all is well. */
  readonly problems: readonly string[];
}

/** Bounds of a file, so that a hostile one costs little. */
const MAX_PROVIDERS = 1000;
const MAX_MODELS = 20_000;
const MAX_PROBLEMS = 100;

type Tell = (place: string, message: string) => void;

/**
 * Reads a catalogue file: the object of one provider, {"provider", "checked", "models": […]}, or several in
 * {"providers": […]}. Never throws.
 */
export function parseCatalogue(text: string): DecodedCatalogue {
  const problems: string[] = [];
  const tell: Tell = (place, message) => {
    if (problems.length < MAX_PROBLEMS) problems.push(`${place === '' ? 'the file' : place} ${message}`);
  };
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    tell('', 'is not JSON');
    return { providers: [], problems };
  }
  const providers = sections(value, tell).flatMap(([place, section]) => decodeSection(section, place, tell));
  return { providers, problems };
}

function sections(value: JsonValue, tell: Tell): readonly (readonly [place: string, section: JsonObject])[] {
  if (!isJsonObject(value)) {
    tell('', 'must be an object');
    return [];
  }
  if (value.providers === undefined) return [['', value]];
  const members = readMembers(value, tell);
  members.only(['providers']);
  return members.list('providers', MAX_PROVIDERS).flatMap((section, at): [string, JsonObject][] => {
    if (isJsonObject(section)) return [[`providers[${at}].`, section]];
    tell(`providers[${at}]`, 'must be an object');
    return [];
  });
}

function decodeSection(section: JsonObject, place: string, tell: Tell): ProviderCards[] {
  const members = readMembers(section, (member, message) => tell(`${place}${member}`, message));
  members.only(['provider', 'checked', 'models']);
  const provider = members.text('provider', 64);
  if (provider === undefined) {
    tell(`${place}provider`, 'is missing');
    return [];
  }
  const cards = members.list('models', MAX_MODELS).flatMap((row, at) => {
    const card = decodeCard(provider, row, (member, message) => tell(`${place}models[${at}].${member}`, message));
    return card === undefined ? [] : [card];
  });
  checkNames(cards, `${place}models`, tell);
  return [{ provider, checked: members.day('checked'), cards }];
}

/** A name means one model, and nothing follows itself. A successor may stand in another file. */
function checkNames(cards: readonly ModelCard[], place: string, tell: Tell): void {
  const names = new Set<string>();
  for (const { id, aliases, successor } of cards) {
    for (const name of [id, ...aliases]) {
      if (names.has(name)) tell(place, `name ${JSON.stringify(name)} twice`);
      names.add(name);
    }
    if (successor === id) tell(place, `name ${JSON.stringify(id)} as its own successor`);
  }
}
