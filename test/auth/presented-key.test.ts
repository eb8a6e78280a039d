import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { presentedKey } from '../../server/auth/presented-key.ts';

const sha256 = (key: string): Buffer => createHash('sha256').update(key).digest();
const from = (headers: Readonly<Record<string, string>>) => presentedKey((name) => headers[name]);

describe('the key that a caller presents', () => {
  test.each([
    ['a bearer token', { authorization: 'Bearer sk-1' }],
    ['a bearer token whose scheme is in another case', { authorization: 'bEARER sk-1' }],
    ['a bearer token with blanks around it', { authorization: '  Bearer   sk-1 ' }],
    ['x-api-key', { 'x-api-key': 'sk-1' }],
    ['x-goog-api-key', { 'x-goog-api-key': 'sk-1' }],
    ['x-api-key beside an empty bearer token', { authorization: 'Bearer ', 'x-api-key': 'sk-1' }],
    ['x-api-key beside another scheme', { authorization: 'Basic c2stMg==', 'x-api-key': 'sk-1' }],
    ['a bearer token beside x-api-key', { authorization: 'Bearer sk-1', 'x-api-key': 'sk-2' }],
  ])('is read from %s', (_, headers) => {
    expect(from(headers)).toEqual(sha256('sk-1'));
  });

  test.each([
    ['without headers', {}],
    ['in an empty bearer token', { authorization: 'Bearer' }],
    ['in blanks', { authorization: 'Bearer   ', 'x-api-key': '  ' }],
    ['in another scheme', { authorization: 'Basic c2stMQ==' }],
    ['in a scheme that only begins alike', { authorization: 'Bearersk-1' }],
  ])('is none %s', (_, headers) => {
    expect(from(headers)).toBeUndefined();
  });

  test('is the same by either header, whatever it is', () => {
    const token = fc.stringMatching(/^[!-~]{1,64}$/);
    fc.assert(
      fc.property(token, (key) => {
        expect(from({ authorization: `Bearer ${key}` })).toEqual(sha256(key));
        expect(from({ 'x-api-key': key })).toEqual(sha256(key));
      }),
    );
  });
});
