import type { JsonObject, JsonValue } from '../../core/json.ts';
import { countOf, objectOf, objectsOf, textOfAnswer } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

/** Members of an answer, of a candidate and of usage that the contract has fields for. */
const KNOWN = new Set(['candidates', 'usageMetadata', 'modelVersion', 'responseId', 'createTime', '__proto__']);
const KNOWN_OF_CANDIDATE = new Set(['content', 'finishReason', 'index', 'logprobsResult', 'tokenCount', '__proto__']);
const USAGE_EXTRAS = ['trafficType'] as const;

/** What an answer says beyond the contract: safety ratings, grounding, retrieved pages, the feedback on the prompt. */
export interface AnswerExtras {
  readonly answer: Members;
  /** By index. */
  readonly candidates: Map<number, Members>;
}

type Members = Map<string, JsonValue>;

export function createAnswerExtras(): AnswerExtras {
  return { answer: new Map(), candidates: new Map() };
}

/** Adds what an answer, or a chunk of one, says; of what is said again the later holds. */
export function addExtras(extras: AnswerExtras, json: JsonObject): void {
  addUnknown(extras.answer, json, KNOWN);
  const usage = objectOf(json['usageMetadata']);
  for (const name of USAGE_EXTRAS) {
    const value = usage?.[name];
    if (value !== undefined && value !== null) extras.answer.set(name, value);
  }
  for (const [position, candidate] of objectsOf(json['candidates']).entries()) {
    const index = countOf(candidate['index']) ?? position;
    const before = extras.candidates.get(index);
    const members = addUnknown(before, candidate, KNOWN_OF_CANDIDATE);
    if (members !== undefined && members !== before) extras.candidates.set(index, members);
  }
}

/** Adds an object's members that are not known to those before; where there is none, nothing is made: most chunks have none. */
function addUnknown(before: Members | undefined, json: JsonObject, known: ReadonlySet<string>): Members | undefined {
  let members = before;
  for (const name in json) {
    const value = known.has(name) ? null : json[name];
    if (value === undefined || value === null) continue;
    members ??= new Map();
    members.set(name, value);
  }
  return members;
}

/** The same as the contract's provider_extras_json; empty where there is nothing. */
export function encodeExtras({ answer, candidates }: AnswerExtras): Record<string, string> {
  const list: JsonValue = [...candidates].map(([index, members]) => ({ index, ...Object.fromEntries(members) }));
  const extras = { ...Object.fromEntries(answer), ...(list.length > 0 && { candidates: list }) };
  return Object.keys(extras).length === 0 ? {} : { [DIALECT]: textOfAnswer(extras) };
}
