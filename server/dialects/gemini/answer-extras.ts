import type { JsonObject, JsonValue } from '../../core/json.ts';
import { countOf, objectOf, objectsOf, textOfAnswer } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

/** Members of an answer, of a candidate and of usage that the contract has fields for. */
const KNOWN = new Set(['candidates', 'usageMetadata', 'modelVersion', 'responseId', 'createTime', '__proto__']);
const KNOWN_OF_CANDIDATE = new Set(['content', 'finishReason', 'index', 'logprobsResult', 'tokenCount', '__proto__']);
const USAGE_EXTRAS = ['trafficType'] as const;

/** What an answer says beyond the contract: safety ratings, grounding, retrieved pages, the feedback on the prompt. */
export interface AnswerExtras {
  answer: JsonObject;
  /** By index. */
  readonly candidates: Map<number, JsonObject>;
}

export function createAnswerExtras(): AnswerExtras {
  return { answer: {}, candidates: new Map() };
}

/** Adds what an answer, or a chunk of one, says; of what is said again the later holds. */
export function addExtras(extras: AnswerExtras, json: JsonObject): void {
  const usage = objectOf(json['usageMetadata']) ?? {};
  const told = USAGE_EXTRAS.filter((name) => (usage[name] ?? null) !== null).map(
    (name) => [name, usage[name]] as const,
  );
  extras.answer = { ...extras.answer, ...unknownOf(json, KNOWN), ...Object.fromEntries(told) };
  for (const [position, candidate] of objectsOf(json['candidates']).entries()) {
    const members = unknownOf(candidate, KNOWN_OF_CANDIDATE);
    if (Object.keys(members).length === 0) continue;
    const index = countOf(candidate['index']) ?? position;
    extras.candidates.set(index, { ...extras.candidates.get(index), ...members });
  }
}

function unknownOf(json: JsonObject, known: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([name, value]) => !known.has(name) && value !== null));
}

/** The same as the contract's provider_extras_json; empty where there is nothing. */
export function encodeExtras({ answer, candidates }: AnswerExtras): Record<string, string> {
  const list: JsonValue = [...candidates].map(([index, members]) => ({ index, ...members }));
  const extras = { ...answer, ...(list.length > 0 && { candidates: list }) };
  return Object.keys(extras).length === 0 ? {} : { [DIALECT]: textOfAnswer(extras) };
}
