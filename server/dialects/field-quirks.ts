import type { JsonObject, JsonValue } from '../core/json.ts';
import type { WireQuirks } from '../core/wire-quirks.ts';
import type { Losses } from './losses.ts';

export interface FieldQuirksInit {
  readonly quirks: WireQuirks;
  readonly losses: Losses;
  /** Paths of the canonical request by member of the body, where the member has one. */
  readonly paths: ReadonlyMap<string, string>;
}

/** A request body with the provider's refusals, other names and defaults; in this order, by the format's own names. */
export function applyFieldQuirks(body: JsonObject, { quirks, losses, paths }: FieldQuirksInit): JsonObject {
  const { dropFields, renameFields, defaultFields } = quirks;
  if (dropFields === undefined && renameFields === undefined && defaultFields === undefined) return body;
  const members = new Map<string, JsonValue | undefined>(Object.entries(body));
  for (const name of dropFields ?? []) {
    // A member that is null says no more than its absence: nothing is lost with it.
    if ((members.get(name) ?? undefined) !== undefined) {
      losses.dropped(paths.get(name) ?? name, `The provider does not take ${name}.`);
    }
    members.delete(name);
  }
  for (const [name, other] of Object.entries(renameFields ?? {})) {
    const value = members.get(name);
    members.delete(name);
    if (value !== undefined) members.set(other, value);
  }
  for (const [name, value] of Object.entries(defaultFields ?? {})) {
    if (members.get(name) === undefined) members.set(name, value);
  }
  return Object.fromEntries(members);
}
