import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EmbeddingInput, EmbeddingInputSchema } from '../../gen/sluice/v1/embedding_service_pb.ts';
import { embed } from '../../server/simulator/embeddings.ts';

function text(value: string): EmbeddingInput {
  return create(EmbeddingInputSchema, { content: { case: 'text', value } });
}

function cosine(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, i) => sum + value * (right[i] ?? 0), 0);
}

test('any text has a vector of length one', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 64 }), (value, dimensions) => {
      const vector = embed(text(value), dimensions);
      expect(vector).toHaveLength(dimensions);
      expect(cosine(vector, vector)).toBeCloseTo(1, 9);
    }),
  );
});

test('similar texts are nearer than others', () => {
  const asked = embed(text('How do I reset my password?'), 256);
  const near = embed(text('How can I reset the password?'), 256);
  const far = embed(text('The weather in Lisbon is sunny today.'), 256);
  expect(cosine(asked, near)).toBeGreaterThan(0.5);
  expect(cosine(asked, near)).toBeGreaterThan(cosine(asked, far) + 0.3);
});

test('equal tokens have equal vectors, others not', () => {
  const tokens = (ids: number[]): EmbeddingInput =>
    create(EmbeddingInputSchema, { content: { case: 'tokens', value: { ids } } });
  expect(embed(tokens([1, 2, 3]), 64)).toEqual(embed(tokens([1, 2, 3]), 64));
  expect(embed(tokens([1, 2, 3]), 64)).not.toEqual(embed(tokens([4, 5, 6]), 64));
});
