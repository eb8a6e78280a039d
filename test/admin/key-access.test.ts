import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkWithin } from '../../server/admin/key-access.ts';
import { type KeyEntry, principalOf } from '../../server/auth/key-entry.ts';
import { allowsModel } from '../../server/auth/key-limits.ts';
import { METHOD_ROLES } from '../../server/auth/method-roles.ts';
import { includesRole, type RoleName } from '../../server/auth/role.ts';

const role = fc.constantFrom<RoleName[]>('INFERENCE', 'OPERATOR', 'PROJECT_ADMIN', 'ADMIN');
const moment = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined });
const models = fc.array(fc.constantFrom('a', 'b', 'a*', '*', 'ab*', 'ab'), { maxLength: 2 });

const entry: fc.Arbitrary<KeyEntry> = fc.record({
  id: fc.constant('k'),
  projectId: fc.constantFrom('red', 'blue'),
  displayName: fc.constant(''),
  role,
  models,
  requiredMetadata: fc.subarray(['team', 'user']),
  creatorKeyId: fc.constant('c'),
  createdAtMs: fc.constant(0),
  notBeforeMs: fc.constant(undefined),
  expiresAtMs: moment,
  revokedAtMs: fc.constant(undefined),
  sha256: fc.constant('00'),
  old: fc.constant(undefined),
});

test('no key that is let be made exceeds the one that makes it', () => {
  let made = 0;
  fc.assert(
    fc.property(entry, entry, (creator, child) => {
      try {
        checkWithin(child, principalOf(creator));
      } catch {
        return;
      }
      made += 1;
      for (const least of Object.values(METHOD_ROLES)) {
        if (includesRole(child.role, least)) expect(includesRole(creator.role, least)).toBe(true);
      }
      if (creator.role !== 'ADMIN') expect(child.projectId).toBe(creator.projectId);
      for (const model of ['a', 'b', 'ab', 'abc', 'c']) {
        if (allowsModel(child, model)) expect(allowsModel(creator, model)).toBe(true);
      }
      expect(child.requiredMetadata).toEqual(expect.arrayContaining([...creator.requiredMetadata]));
      expect(child.expiresAtMs ?? Infinity).toBeLessThanOrEqual(creator.expiresAtMs ?? Infinity);
    }),
    { numRuns: 3000 },
  );
  expect(made).toBeGreaterThan(50);
});
