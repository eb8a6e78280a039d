// Where thoughts and their proofs come from, in OpenRouter's vocabulary: the format member of a reasoning detail.
// https://openrouter.ai/docs/use-cases/reasoning-tokens

import { DIALECT } from './wire.ts';

const ORIGIN_OF_FORMAT: ReadonlyMap<string, string> = new Map([
  ['anthropic-claude-v1', 'anthropic-messages'],
  ['google-gemini-v1', 'gemini'],
  ['openai-responses-v1', 'openai-responses'],
  ['unknown', DIALECT],
]);

const FORMAT_OF_ORIGIN: ReadonlyMap<string, string> = new Map(
  [...ORIGIN_OF_FORMAT].filter(([format]) => format !== 'unknown').map(([format, origin]) => [origin, format]),
);

/** The contract's bound. */
const MAX_ORIGIN_LENGTH = 64;

/** Part.origin for a format. One that is none of Sluice's own keeps its name, so that it goes back as it came. */
export function originOf(format: string): string {
  if (format === '' || format.length > MAX_ORIGIN_LENGTH) return DIALECT;
  return ORIGIN_OF_FORMAT.get(format) ?? format;
}

/** The format of a detail for Part.origin; undefined where the detail names none. */
export function formatOf(origin: string): string | undefined {
  return origin === '' || origin === DIALECT ? undefined : (FORMAT_OF_ORIGIN.get(origin) ?? origin);
}
