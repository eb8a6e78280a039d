import type { JsonObject } from '../../core/json.ts';
import { objectOf, textOfAnswer } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

/** Members of a message that the contract has fields for. */
const KNOWN: ReadonlySet<string> = new Set([
  'id',
  'type',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'usage',
  'message',
  'delta',
  '__proto__',
]);

/** Members of usage that it has none for: what each turn within the answer took, and where it was made. */
const USAGE_EXTRAS = ['iterations', 'inference_geo', 'speed'] as const;

/**
 * What an answer says beyond the contract (container, context_management, stop_details, diagnostics, iterations of usage),
 * as the contract's provider_extras_json; empty where it says nothing.
 */
export function encodeExtras(message: JsonObject): Record<string, string> {
  const members = Object.entries(message).filter(([name, value]) => !KNOWN.has(name) && value !== null);
  const usage = objectOf(message['usage']) ?? {};
  const kept = USAGE_EXTRAS.filter((name) => (usage[name] ?? null) !== null).map(
    (name) => [name, usage[name]] as const,
  );
  const extras = { ...Object.fromEntries(members), ...(kept.length > 0 && { usage: Object.fromEntries(kept) }) };
  return Object.keys(extras).length === 0 ? {} : { [DIALECT]: textOfAnswer(extras) };
}
