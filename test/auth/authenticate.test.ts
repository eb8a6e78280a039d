import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { authenticate } from '../../server/auth/authenticate.ts';
import { createKeyRing, type KeyRing } from '../../server/auth/key-ring.ts';
import { SluiceError } from '../../server/errors/sluice-error.ts';

const sha256 = (key: string): Buffer => createHash('sha256').update(key).digest();
const principal = { keyId: 'app', metadata: undefined, role: 'INFERENCE' as const };
const ring = createKeyRing([{ principal, sha256: sha256('sk-right') }]);

function refusal(keys: KeyRing, digest: Buffer | undefined): unknown {
  try {
    return authenticate(keys, digest);
  } catch (error) {
    return error;
  }
}

describe('authentication', () => {
  test('a known key names its principal', () => {
    expect(authenticate(ring, sha256('sk-right'))).toBe(principal);
  });

  test('a wrong key, a missing one and a digest presented as a key are refused with the same words', () => {
    const hexAsKey = sha256(sha256('sk-right').toString('hex'));
    const refusals = [refusal(ring, sha256('sk-wrong')), refusal(ring, undefined), refusal(ring, hexAsKey)];
    for (const error of refusals) {
      expect(error).toBeInstanceOf(SluiceError);
      expect(error).toMatchObject({ reason: 'UNAUTHENTICATED', message: 'The API key is missing or not valid.' });
    }
  });

  test('a missing key costs a look-up like any other', () => {
    const looked: Buffer[] = [];
    const counting: KeyRing = {
      size: 0,
      named: () => principal,
      find(digest) {
        looked.push(digest);
        return principal;
      },
    };
    expect(refusal(counting, undefined)).toBeInstanceOf(SluiceError);
    expect(looked).toHaveLength(1);
  });
});
