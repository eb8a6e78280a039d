import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../../server/core/secret.ts';
import {
  awsDate,
  awsSignature,
  canonicalRequest,
  type SignedParts,
  signAws,
} from '../../../server/upstream/auth/aws-sigv4.ts';

// The keys, the time and the signatures of AWS's own test suite for Signature Version 4.
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const AT_MS = Date.UTC(2015, 7, 30, 12, 36, 0);
const SCOPE = { region: 'us-east-1', service: 'service', date: '20150830T123600Z' };
const SESSION =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

const PARTS: SignedParts = {
  method: 'GET',
  path: '/',
  query: '',
  headers: { host: 'example.amazonaws.com', 'x-amz-date': SCOPE.date },
  body: '',
};

const withHeaders = (more: Record<string, string>) => ({ headers: { ...PARTS.headers, ...more } });

/** Names and signatures as published in aws-sig-v4-test-suite. */
const VECTORS: readonly (readonly [name: string, parts: Partial<SignedParts>, signature: string])[] = [
  ['get-vanilla', {}, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', { method: 'POST' }, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'get-vanilla-query-order-key-case',
    { query: 'Param2=value2&Param1=value1' },
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-query-order-value',
    { query: 'Param1=value2&Param1=value1' },
    '5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694',
  ],
  ['get-space', { path: '/example space/' }, '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741'],
  [
    'get-header-value-trim',
    withHeaders({ 'my-header1': ' value1', 'my-header2': ' "a   b   c"' }),
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  [
    'post-sts-header-before',
    { method: 'POST', ...withHeaders({ 'x-amz-security-token': SESSION }) },
    '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  ],
  [
    'post-x-www-form-urlencoded',
    { method: 'POST', ...withHeaders({ 'content-type': 'application/x-www-form-urlencoded' }), body: 'Param1=value1' },
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
];

const KEYS = { accessKeyId: new Secret('AKIDEXAMPLE'), secretAccessKey: new Secret(SECRET), sessionToken: undefined };
const PLACE = { region: 'us-east-1', service: 'service', atMs: AT_MS };

describe("a signature is AWS's own", () => {
  test.each(VECTORS)('%s', (_, parts, signature) => {
    expect(awsSignature({ ...PARTS, ...parts }, SECRET, SCOPE)).toBe(signature);
  });

  test('and stands in the header that the test suite shows', () => {
    const url = new URL('https://example.amazonaws.com/');
    expect(signAws({ url, method: 'GET', headers: {} }, KEYS, PLACE)).toEqual({
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    });
  });

  test('signs a session token and the content type, but no header that a proxy may change', () => {
    const url = new URL('https://example.amazonaws.com/');
    const headers = { 'content-type': 'application/json', accept: '*/*', 'user-agent': 'x' };
    const signed = signAws({ url, method: 'POST', headers }, { ...KEYS, sessionToken: new Secret('s') }, PLACE);
    expect(signed['x-amz-security-token']).toBe('s');
    expect(signed.authorization).toContain('SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,');
  });

  test('signs the port of the host where there is one, as it is sent', () => {
    const sign = (url: string) => signAws({ url: new URL(url), method: 'GET', headers: {} }, KEYS, PLACE).authorization;
    expect(sign('http://127.0.0.1:8090/')).not.toBe(sign('http://127.0.0.1:8091/'));
    expect(sign('https://a.example:443/')).toBe(sign('https://a.example/'));
  });
});

describe('the path that is signed', () => {
  const signedPath = (path: string) => canonicalRequest({ ...PARTS, path }).split('\n')[1];

  test.each([
    ['/model/anthropic.claude-v1%3A0/converse', '/model/anthropic.claude-v1%253A0/converse'],
    ['/model/anthropic.claude-v1:0/converse', '/model/anthropic.claude-v1%3A0/converse'],
    ['/model/arn%3Aaws%3Abedrock%2Fprofile/converse', '/model/arn%253Aaws%253Abedrock%252Fprofile/converse'],
    ['//a///b/', '/a/b/'],
    ['/', '/'],
    ['', '/'],
  ])('of %s is %s', (path, signed) => {
    expect(signedPath(path)).toBe(signed);
  });

  test('is encoded once more than it is sent, for every model name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (model) => {
        const url = new URL(`https://a.example/model/${encodeURIComponent(model)}/converse`);
        fc.pre(url.pathname.split('/').length === 4);
        const [, , segment = ''] = signedPath(url.pathname)?.split('/') ?? [];
        expect(decodeURIComponent(decodeURIComponent(segment))).toBe(model);
      }),
    );
  });
});

test('a time is written as AWS does, without milliseconds', () => {
  expect(awsDate(AT_MS + 999)).toBe('20150830T123600Z');
});
