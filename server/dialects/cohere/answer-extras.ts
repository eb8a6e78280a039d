import type { JsonObject, JsonValue } from '../../core/json.ts';
import { objectOf, textOfAnswer } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

/** Members of an answer that the contract has fields for. */
const KNOWN: ReadonlySet<string> = new Set([
  'id',
  'message',
  'finish_reason',
  'usage',
  'logprobs',
  'type',
  'delta',
  '__proto__',
]);

/**
 * What an answer says beyond the contract, as the contract's provider_extras_json; empty where it says nothing. Billed
 * units are among it, which are not the tokens that the model saw, and citations that no part could take.
 */
export function encodeExtras(answer: JsonObject, citations: readonly JsonObject[] = []): Record<string, string> {
  const members = Object.entries(answer).filter(([name, value]) => !KNOWN.has(name) && value !== null);
  const billed: JsonValue | undefined = objectOf(answer['usage'])?.['billed_units'];
  const extras = {
    ...Object.fromEntries(members),
    ...(billed !== undefined && billed !== null && { usage: { billed_units: billed } }),
    ...(citations.length > 0 && { citations }),
  };
  return Object.keys(extras).length === 0 ? {} : { [DIALECT]: textOfAnswer(extras) };
}
