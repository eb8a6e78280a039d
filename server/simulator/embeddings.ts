import type { EmbeddingInput } from '../../gen/sluice/v1/embedding_service_pb.ts';
import { hash32 } from './seeded-random.ts';

/** The length of vectors unless asked otherwise. */
export const DEFAULT_DIMENSIONS = 256;

/** Components that one feature of a text touches. */
const SPREAD = 8;
/** What a run of three letters weighs beside a whole word. */
const TRIGRAM_WEIGHT = 0.25;

/**
 * A vector of length one for an input: a bag of its words and their runs of three letters, hashed. The more of these two
 * texts share, the nearer their vectors are; equal inputs have equal vectors.
 */
export function embed({ content }: EmbeddingInput, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const [feature, weight] of content.case === 'tokens'
    ? tokenFeatures(content.value.ids)
    : textFeatures(content.value ?? '')) {
    for (let i = 0; i < SPREAD; i++) {
      const hash = hash32(feature, i);
      const position = (hash >>> 1) % dimensions;
      vector[position] = (vector[position] ?? 0) + (hash % 2 === 0 ? weight : -weight);
    }
  }
  return normalize(vector);
}

function* textFeatures(text: string): Iterable<readonly [string, number]> {
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    yield [word, 1];
    const framed = `<${word}>`;
    for (let i = 0; i + 3 <= framed.length; i++) yield [framed.slice(i, i + 3), TRIGRAM_WEIGHT];
  }
}

function* tokenFeatures(ids: readonly number[]): Iterable<readonly [string, number]> {
  for (const id of ids) yield [`token ${id}`, 1];
}

/** Scales to length one; what has no length at all becomes the first axis. */
function normalize(vector: number[]): number[] {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (length === 0) return vector.map((_, i) => (i === 0 ? 1 : 0));
  return vector.map((value) => value / length);
}
