import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { Losses } from './losses.ts';

// What the canonical request holds of a format's body, as data: a table for each format. What a table does not name is
// lost where another format is written, and told of there; within the format the body itself goes along, and nothing is
// looked at.

/**
 * What is held of a value: all of it, nothing (the value means nothing elsewhere), an object's members, the items of a
 * list, or one of these by the value. Values of other kinds than the table expects are for the decoder to judge.
 */
export type Held = boolean | HeldMembers | HeldItems | ((value: JsonValue) => Held);

interface HeldMembers {
  readonly members: ReadonlyMap<string, Held>;
  /** What holds for a member that is not named; false where it is absent. */
  readonly others: Held;
}

interface HeldItems {
  readonly items: Held;
}

/** An object of which these members are held. */
export function members(named: Readonly<Record<string, Held>>, others: Held = false): HeldMembers {
  return { members: new Map(Object.entries(named)), others };
}

/** Names of members that are held whole. */
export function whole(...names: readonly string[]): Readonly<Record<string, Held>> {
  return Object.fromEntries(names.map((name) => [name, true]));
}

/** A list, of each of whose items so much is held. */
export const each = (items: Held): Held => ({ items });

/** One of these words. */
export function words(...known: readonly string[]): Held {
  return (value) => typeof value === 'string' && known.includes(value);
}

/** An object whose member says what else is in it; kinds that are not named become parts or tools of the format's own. */
export function byKind(member: string, kinds: Readonly<Record<string, Held>>, others: Held = true): Held {
  const known = new Map(Object.entries(kinds));
  return (value) => {
    const kind = isJsonObject(value) ? value[member] : undefined;
    return typeof kind === 'string' ? (known.get(kind) ?? others) : others;
  };
}

/** An object that is one of a kind by having one of these members; another becomes a part or tool of the format's own. */
export function byMember(named: Readonly<Record<string, Held>>): Held {
  const shape = members(named);
  return (value) => (isJsonObject(value) && Object.keys(value).some((name) => shape.members.has(name)) ? shape : true);
}

export interface HeldTable {
  readonly body: HeldMembers;
  /** The name under which a member stands in the table; itself where the format has one spelling. */
  readonly nameOf?: (name: string) => string;
}

/** As many as a caller reads. A body of a million unknown members has no million warnings. */
const MAX_NAMED = 64;
const MAX_NAME_LENGTH = 64;

/** Notes what of a caller's body the table does not hold, by its path in the body. Never throws. */
export function noteUnheld(body: JsonObject, { body: held, nameOf = itself }: HeldTable, losses: Losses): void {
  let found = 0;
  const lose = (path: string, message: string): void => {
    found += 1;
    if (found <= MAX_NAMED) losses.dropped(path, message);
  };
  const walk = (value: JsonValue, part: Held, path: string): void => {
    if (part === true) return;
    if (part === false) lose(path, 'This value means nothing to the provider of this model.');
    else if (typeof part === 'function') walk(value, part(value), path);
    else if ('items' in part) {
      if (Array.isArray(value)) for (const [at, item] of value.entries()) walk(item, part.items, `${path}[${at}]`);
    } else if (isJsonObject(value)) visit(value, part, path);
  };
  const visit = (object: JsonObject, part: HeldMembers, path: string): void => {
    for (const [name, value] of Object.entries(object)) {
      if (value === undefined || asksNothing(value)) continue;
      const shown = name.slice(0, MAX_NAME_LENGTH);
      const where = path === '' ? shown : `${path}.${shown}`;
      const inner = part.members.get(nameOf(name)) ?? part.others;
      if (inner !== false) walk(value, inner, where);
      else lose(where, `The format of this model's provider has no ${shown}.`);
    }
  };
  visit(body, held, '');
  if (found > MAX_NAMED)
    losses.dropped('', `${found - MAX_NAMED} more members mean nothing to the provider of this model.`);
}

const itself = (name: string): string => name;

function asksNothing(value: JsonValue): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}
