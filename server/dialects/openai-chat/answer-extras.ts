import type { JsonObject, JsonValue } from '../../core/json.ts';
import { listOf, objectOf, parseAnswer, stringOf, textOfAnswer } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

/** Members of an answer or chunk that the contract has fields for, or that say nothing by themselves. */
const KNOWN: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'service_tier',
  'system_fingerprint',
  'obfuscation',
  'error',
  '__proto__',
]);

/** What an answer says beyond the contract (citations, search results, filter results of the prompt), by member. */
export function extraMembers(json: JsonObject): [string, JsonValue][] {
  const members: [string, JsonValue][] = [];
  // Most chunks have none: no list of all their members is made to find that out.
  for (const name in json) {
    const value = KNOWN.has(name) ? undefined : json[name];
    if (value !== undefined && value !== null) members.push([name, value]);
  }
  return members;
}

/** The same as the contract's provider_extras_json; empty where there is nothing. */
export function encodeExtras(members: Iterable<readonly [string, JsonValue]>): Record<string, string> {
  const extras = Object.fromEntries(members);
  return Object.keys(extras).length === 0 ? {} : { [DIALECT]: textOfAnswer(extras) };
}

/** The members to be written into an answer that is built from the canonical form. */
export function decodeExtras(extras: Readonly<Record<string, string>>): JsonObject {
  const text = extras[DIALECT];
  return text === undefined ? {} : Object.fromEntries(extraMembers(parseAnswer(text)));
}

/** A page that an answer as a whole rests on. */
export interface Source {
  readonly url: string;
  readonly title: string;
  readonly citedText: string;
}

/**
 * Pages that an answer names beside its message: search_results {url, title, snippet} of Perplexity, or citations, which
 * are addresses at Perplexity and xAI. The text refers to them by number, from 1.
 */
export function sourcesOf(json: JsonObject): readonly Source[] {
  const results = sources(json['search_results']);
  return results.length > 0 ? results : sources(json['citations']);
}

function sources(value: JsonValue | undefined): readonly Source[] {
  return listOf(value).flatMap((item) => {
    const page = objectOf(item);
    const url = stringOf(item) || stringOf(page?.['url']);
    return url === '' ? [] : [{ url, title: stringOf(page?.['title']), citedText: stringOf(page?.['snippet']) }];
  });
}
