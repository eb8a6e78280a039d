import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { stringOf } from '../read-answer.ts';
import { isForeignProof } from '../thought-envelope.ts';

/** A caller's body without the thoughts of other formats, which a provider of this one could not read and would refuse. */
export function withoutForeignThoughts(body: JsonObject, losses: Losses): JsonObject {
  const { input } = body;
  if (!Array.isArray(input)) return body;
  const kept = input.filter((item) => !isForeignThought(item));
  if (kept.length === input.length) return body;
  losses.dropped('generation.messages', 'Thoughts of models of other formats cannot go to this provider.');
  return { ...body, input: kept };
}

function isForeignThought(item: unknown): boolean {
  return isJsonObject(item) && item['type'] === 'reasoning' && isForeignProof(stringOf(item['encrypted_content']));
}
