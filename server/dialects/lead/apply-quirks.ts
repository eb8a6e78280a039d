import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import type { LossLog } from './loss-log.ts';

/** A body as one provider wants it: members left out, renamed, or set where the caller did not. */
export function applyQuirks(body: JsonObject, quirks: WireQuirks, losses: LossLog): JsonObject {
  const { dropFields = [], renameFields = {}, defaultFields = {} } = quirks;
  if (dropFields.length === 0 && quirks.renameFields === undefined && quirks.defaultFields === undefined) return body;
  const result: Record<string, JsonValue | undefined> = { ...defaultFields };
  for (const [name, value] of Object.entries(body)) {
    if (!dropFields.includes(name)) result[renameFields[name] ?? name] = value;
    // A member that says nothing loses nothing.
    else if (value !== null && value !== undefined) losses.dropped(name, `this provider refuses ${name}`);
  }
  return result;
}
