import { describe, expect, test } from 'vitest';
import { didYouMean, nearestName } from '../../server/config/did-you-mean.ts';

const FIELDS = ['name', 'preset', 'dialect', 'base_url', 'credential', 'allow_private_address', 'models'];

describe('the name that was meant', () => {
  test.each([
    ['baseUrl', 'base_url'],
    ['base-url', 'base_url'],
    ['BASE_URL', 'base_url'],
    ['credentials', 'credential'],
    ['credental', 'credential'],
    ['nmae', 'name'],
    ['model', 'models'],
    ['allowPrivateAddres', 'allow_private_address'],
  ])('by %s is %s', (written, meant) => {
    expect(nearestName(written, FIELDS)).toBe(meant);
  });

  test.each(['timeout', 'x', '', 'completely_other_thing'])('is not guessed from %j', (written) => {
    expect(nearestName(written, FIELDS)).toBeUndefined();
    expect(didYouMean(written, FIELDS)).toBe('');
  });

  test.each(FIELDS)('%s is itself', (known) => {
    expect(nearestName(known, FIELDS)).toBe(known);
  });

  test('is found at once however long the text is', () => {
    expect(nearestName('x'.repeat(1_000_000), FIELDS)).toBeUndefined();
  });
});
