import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdsModel, providerPath } from '../../server/dialects/provider-path.ts';

describe("a provider's path", () => {
  test('without a place for the model is as it stands', () => {
    expect(providerPath('/chat/completions?a=1', '../x')).toBe('/chat/completions?a=1');
  });

  test('holds the model in each place, encoded', () => {
    expect(providerPath('/m/{model}/c?x={model}', 'a/b:0 $&')).toBe('/m/a%2Fb%3A0%20%24%26/c?x=a%2Fb%3A0%20%24%26');
  });

  test.each(['', '.', '..'])('takes no model named "%s", which would be another path', (model) => {
    expect(() => providerPath('/m/{model}/c', model)).toThrow(expect.objectContaining({ reason: 'MODEL_NOT_FOUND' }));
  });

  test('has the same number of segments, and no other query, for every other name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (model) => {
        fc.pre(!['', '.', '..'].includes(model));
        const url = new URL(`https://a.example/base${providerPath('/m/{model}/c?v=1', model)}`);
        expect(url.pathname.split('/')).toEqual(['', 'base', 'm', expect.any(String), 'c']);
        expect([url.search, url.hash]).toEqual(['?v=1', '']);
      }),
    );
  });

  test('takes a name that is no text in Unicode', () => {
    expect(providerPath('/{model}', 'a\ud800')).toBe('/a%EF%BF%BD');
  });

  test('says whether the body still has to name the model', () => {
    expect([holdsModel('/m/{model}'), holdsModel('/m')]).toEqual([true, false]);
  });
});
