import type { JsonObject } from '../../core/json.ts';
import { objectOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

/** Members of an answer that the contract has fields for. */
const KNOWN: ReadonlySet<string> = new Set(['output', 'stopReason', 'usage', 'serviceTier', 'p', '__proto__']);

/**
 * What an answer says beyond the contract (metrics, trace, performanceConfig, additionalModelResponseFields), as the
 * contract's provider_extras_json; empty where it says nothing.
 */
export function encodeExtras(answer: JsonObject): Record<string, string> {
  const members = Object.entries(answer).filter(([name, value]) => !KNOWN.has(name) && value !== null);
  return members.length === 0 ? {} : { [DIALECT]: textOfAnswer(Object.fromEntries(members)) };
}

/** The stop text that ended an answer of Claude's, where it was asked for; Bedrock tells it under one of two names. */
export function stopSequenceOf(answer: JsonObject): string {
  const fields = objectOf(answer['additionalModelResponseFields']);
  return stringOf(objectOf(fields?.['delta'])?.['stop_sequence']) || stringOf(fields?.['stop_sequence']);
}

/** The class of service that was used. */
export function tierOf(answer: JsonObject): string {
  return stringOf(objectOf(answer['serviceTier'])?.['type']);
}
