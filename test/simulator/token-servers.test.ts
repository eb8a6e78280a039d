import { describe, expect, test } from 'vitest';
import { startTestSimulator } from '../support/test-simulator.ts';

async function ask(path: string, form: Readonly<Record<string, string>>) {
  const simulator = await startTestSimulator();
  const response = await fetch(`${simulator.url}${path}`, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, json: await response.json() };
}

const ENTRA = { grant_type: 'client_credentials', client_id: 'c', client_secret: 'simulated-secret', scope: 's' };

const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const CLAIMS = { iss: 'a', scope: 's', aud: 't', iat: now, exp: now + 3600 };
const jwt = (claims: object, header: object = { alg: 'RS256' }) => `${part(header)}.${part(claims)}.c2ln`;
const google = (assertion: string) => ({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });

describe('the simulated directory of Entra', () => {
  test('gives a token for its secret', async () => {
    expect(await ask('/tenant-1/oauth2/v2.0/token', ENTRA)).toEqual({
      status: 200,
      json: { access_token: 'simulated-entra-token', expires_in: 3600, token_type: 'Bearer' },
    });
  });

  test.each([
    ['another secret', { client_secret: 'x' }, 401, 'invalid_client'],
    ['no application', { client_id: '' }, 400, 'invalid_request'],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ])('refuses %s', async (_, change, status, error) => {
    expect(await ask('/t/oauth2/v2.0/token', { ...ENTRA, ...change })).toMatchObject({ status, json: { error } });
  });
});

describe('the simulated token endpoint of Google', () => {
  test('gives a token for a signed JWT, and for a refresh token', async () => {
    const token = { access_token: 'simulated-google-token', expires_in: 3600, token_type: 'Bearer' };
    expect(await ask('/token', google(jwt(CLAIMS)))).toEqual({ status: 200, json: token });
    const refresh = { grant_type: 'refresh_token', client_id: 'c', client_secret: 's', refresh_token: 'r' };
    expect(await ask('/token', refresh)).toEqual({ status: 200, json: token });
  });

  test.each([
    ['a JWT that has run out', google(jwt({ ...CLAIMS, iat: now - 7200, exp: now - 3600 }))],
    ['a JWT for more than an hour', google(jwt({ ...CLAIMS, exp: now + 4000 }))],
    ['a JWT without a scope', google(jwt({ ...CLAIMS, scope: undefined }))],
    ['a JWT signed otherwise', google(jwt(CLAIMS, { alg: 'none' }))],
    ['no JWT', google('x')],
    ['another grant', { grant_type: 'password' }],
    ['a refresh without its token', { grant_type: 'refresh_token', client_id: 'c', client_secret: 's' }],
  ])('refuses %s', async (_, form) => {
    expect(await ask('/token', form)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
  });
});

test('containers of AWS get keys that are good for an hour', async () => {
  const simulator = await startTestSimulator();
  const response = await fetch(`${simulator.url}/aws/credentials`);
  const { Expiration, ...keys }: { readonly Expiration: string } = JSON.parse(await response.text());
  expect(keys).toEqual({
    AccessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    SecretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    Token: 'simulated-session-token',
  });
  expect(Date.parse(Expiration) - Date.now()).toBeGreaterThan(3_500_000);
});
