import { createVerify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { AttemptError } from '../../../server/errors/attempt-error.ts';
import { failureOf } from '../loopback.ts';
import { createAuthBench, entraAuth, googleAuth, headersOf, keyFile, RSA, requestWith, said } from './support.ts';

const TOKEN = said({ access_token: 'token-1', expires_in: 3600, token_type: 'Bearer' });
const OK = said({ fine: true });

const formOf = (body: string | undefined) => Object.fromEntries(new URLSearchParams(body ?? ''));
const partOf = (text = '') => JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));

describe('a Google service account', () => {
  test('signs a JWT with its key, exchanges it for a token, and sends that', async () => {
    const bench = createAuthBench({ answers: [TOKEN, OK] });
    expect((await headersOf(bench, googleAuth())).authorization).toBe('Bearer token-1');
    const [asked] = bench.upstream.requests;
    expect(asked).toMatchObject({ method: 'POST', allowPrivateAddress: false });
    expect(asked?.url.href).toBe('https://oauth2.googleapis.com/token');
    const { grant_type, assertion = '' } = formOf(asked?.body);
    expect(grant_type).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [header, claims, signature = ''] = assertion.split('.');
    expect(partOf(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k1' });
    const now = bench.clock.now() / 1000;
    expect(partOf(claims)).toEqual({
      iss: 'sluice@p.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      aud: 'https://oauth2.googleapis.com/token',
      iat: now,
      exp: now + 3600,
    });
    const verify = createVerify('RSA-SHA256').update(`${header}.${claims}`);
    expect(verify.verify(RSA.publicKey, signature, 'base64url')).toBe(true);
  });

  test('asks at token_url where that is configured, for the audience of its key', async () => {
    const bench = createAuthBench({ answers: [TOKEN, OK] });
    await headersOf(bench, googleAuth(keyFile(), 'https://tokens.internal.example/google'));
    const [asked] = bench.upstream.requests;
    expect(asked?.url.href).toBe('https://tokens.internal.example/google');
    expect(partOf(formOf(asked?.body).assertion?.split('.')[1]).aud).toBe('https://oauth2.googleapis.com/token');
  });

  test('of a user exchanges the refresh token', async () => {
    const key = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' };
    const bench = createAuthBench({ answers: [TOKEN, OK] });
    await headersOf(bench, googleAuth(JSON.stringify(key)));
    const [asked] = bench.upstream.requests;
    expect(asked?.url.href).toBe('https://oauth2.googleapis.com/token');
    expect(formOf(asked?.body)).toEqual({
      grant_type: 'refresh_token',
      client_id: 'c',
      client_secret: 's',
      refresh_token: 'r',
    });
  });
});

test('Microsoft Entra gives a token for the application’s secret', async () => {
  const bench = createAuthBench({ answers: [TOKEN, OK] });
  expect((await headersOf(bench, entraAuth())).authorization).toBe('Bearer token-1');
  const [asked] = bench.upstream.requests;
  expect(asked?.url.href).toBe('https://login.microsoftonline.com/tenant-1/oauth2/v2.0/token');
  expect(formOf(asked?.body)).toEqual({
    grant_type: 'client_credentials',
    client_id: 'client-1',
    client_secret: 'entra-secret',
    scope: 'https://cognitiveservices.azure.com/.default',
  });
});

test('a token whose life is told in text, or not at all, is used', async () => {
  for (const expires_in of ['3599', undefined, -1, 'soon']) {
    const bench = createAuthBench({ answers: [said({ access_token: 't', expires_in }), OK, OK] });
    expect((await headersOf(bench, entraAuth())).authorization).toBe('Bearer t');
    expect((await headersOf(bench, entraAuth())).authorization).toBe('Bearer t');
  }
});

describe('where no token can be had', () => {
  const wrongSecret = {
    error: 'invalid_client',
    error_description: 'AADSTS7000215: Invalid client secret provided: entra-secret.',
  };

  test.each([
    ['a refusal', said(wrongSecret, 401), 'CREDENTIAL_REJECTED', 'answered 401 (invalid_client, AADSTS7000215)'],
    ['a redirect', said('', 302, { location: 'https://else.example' }), 'CREDENTIAL_REJECTED', 'answered 302'],
    ['an answer without a token', said({ hello: 1 }), 'CREDENTIAL_REJECTED', 'answered 200'],
    ['an answer that is no JSON', said('<html>'), 'CREDENTIAL_REJECTED', 'answered 200'],
    ['JSON that is no object', said('[]'), 'CREDENTIAL_REJECTED', 'answered 200'],
    ['a token that no header can carry', said({ access_token: 'a\r\nb' }), 'CREDENTIAL_REJECTED', 'answered 200'],
    ['an error code that is words', said({ error: 'the entra-secret' }, 400), 'CREDENTIAL_REJECTED', 'answered 400.'],
    ['a server in trouble', said('', 503), 'CONNECTION', 'answered 503'],
    ['too many questions', said('', 429), 'CONNECTION', 'answered 429'],
    [
      'a server out of reach',
      { refuse: new AttemptError('CONNECTION', 'The connection to login failed (ECONNREFUSED).') },
      'CONNECTION',
      'ECONNREFUSED',
    ],
    ['a slow server', { refuse: new AttemptError('TIMEOUT', 'No connection in time.') }, 'TIMEOUT', 'in time'],
    ['a private address', { refuse: new AttemptError('EGRESS_DENIED', 'The guard.') }, 'EGRESS_DENIED', 'The guard'],
    [
      'an answer that breaks off',
      { chunks: ['{"acc', new AttemptError('INTERRUPTED', 'It broke.')] },
      'CONNECTION',
      'It broke',
    ],
    ['an endless answer', said('x'.repeat(70_000)), 'CONNECTION', 'larger than'],
  ])('%s says so and holds no secret', async (_, answer, failure, words) => {
    const bench = createAuthBench({ answers: [answer] });
    const error = await failureOf(headersOf(bench, entraAuth()));
    expect(error).toMatchObject({ name: 'AttemptError', failure });
    expect(String(error)).toContain('No credential could be had');
    expect(String(error)).toContain(words);
    expect(String(error)).not.toContain('entra-secret');
    // The provider itself was not asked.
    expect(bench.upstream.requests).toHaveLength(1);
  });
});

test('a request without auth goes as it is', async () => {
  const bench = createAuthBench({ answers: [OK] });
  expect(await headersOf(bench, undefined)).toEqual({ 'content-type': 'application/json' });
  expect(bench.upstream.requests[0]).toBe(bench.upstream.requests.at(-1));
});

test('the address rules of the provider hold for its token server', async () => {
  const bench = createAuthBench({ answers: [TOKEN, OK] });
  const request = { ...requestWith(entraAuth()), allowPrivateAddress: true };
  await bench.authorized.send(request, { signal: new AbortController().signal, connectTimeoutMs: 1000 });
  expect(bench.upstream.requests.map(({ allowPrivateAddress }) => allowPrivateAddress)).toEqual([true, true]);
});
