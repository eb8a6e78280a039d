import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitTokens } from '../../server/simulator/text.ts';
import { countTokens, tokenize } from '../../server/simulator/tokens.ts';

test('the tokens of any text, joined, are the text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => tokenize(text).join('') === text));
});

test('no token is empty, so that a text has at most as many tokens as bytes', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => tokenize(text).every((token) => token.length > 0)));
});

test('a text is fitted to exactly so many tokens', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(), (tokens, seed) => {
      return countTokens(fitTokens('This answer is simulated.', tokens, seed)) === tokens;
    }),
  );
});

test('an ordinary sentence has about a token for each word', () => {
  expect(tokenize('The capital of France is Paris.')).toEqual([
    'The',
    ' capital',
    ' of',
    ' France',
    ' is',
    ' Paris',
    '.',
  ]);
});
