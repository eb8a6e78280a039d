import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allowsModel, isWithin, requireMetadata } from '../../server/auth/key-limits.ts';

const limits = (models: readonly string[], requiredMetadata: readonly string[] = []) => ({ models, requiredMetadata });

describe('the models of a key', () => {
  test.each([
    { models: [], model: 'any', allowed: true },
    { models: ['fast'], model: 'fast', allowed: true },
    { models: ['fast'], model: 'faster', allowed: false },
    { models: ['openai/*'], model: 'openai/gpt', allowed: true },
    { models: ['openai/*'], model: 'openai', allowed: false },
    { models: ['*'], model: '', allowed: true },
  ])('$models and $model: $allowed', ({ models, model, allowed }) => {
    expect(allowsModel(limits(models), model)).toBe(allowed);
  });
});

test('metadata that is missing is named', () => {
  const has = (name: string) => name === 'team';
  expect(() => requireMetadata(limits([], ['team']), has)).not.toThrow();
  expect(() => requireMetadata(limits([], ['team', 'cost']), has)).toThrow(
    expect.objectContaining({ reason: 'INVALID_REQUEST', metadata: { field: 'metadata.cost' } }),
  );
});

test('limits within others allow nothing that those do not', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 4 });
  const pattern = fc.tuple(name, fc.constantFrom('', '*')).map(([text, star]) => text + star);
  const some = fc.record({
    models: fc.array(pattern, { maxLength: 3 }),
    requiredMetadata: fc.subarray(['team', 'user']),
  });
  fc.assert(
    fc.property(some, some, name, fc.subarray(['team', 'user']), (inner, outer, model, given) => {
      fc.pre(isWithin(inner, outer));
      const passes = (one: typeof inner): boolean =>
        allowsModel(one, model) && one.requiredMetadata.every((each) => given.includes(each));
      return !passes(inner) || passes(outer);
    }),
  );
});
