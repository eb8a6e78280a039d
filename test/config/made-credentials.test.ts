import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ProviderAuth } from '../../server/config/snapshot.ts';
import { type ConfigBench, complaintsOf, snapshotOf } from '../support/config.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const KEY_FILE = JSON.stringify({ type: 'service_account', client_email: 'a@p', private_key: rsa }, null, 2);

const env = { ID: 'AKIA1', SECRET: 'aws-secret', TOKEN: 'aws-token', CLIENT: 'entra-secret', K: 'k' };
const files = { 'google.json': `${KEY_FILE}\n` };

/** A provider in one line of YAML. */
const one = (fields: string): string => `providers:\n  - {name: a, ${fields}}\n`;
const BASE = 'dialect: openai-chat, base_url: https://a.example';

async function authOf(fields: string, bench: ConfigBench = { env, files }): Promise<ProviderAuth | undefined> {
  return (await snapshotOf(one(fields), bench)).providers.get('a')?.auth;
}

async function complaints(fields: string, bench: ConfigBench = { env, files }): Promise<readonly string[]> {
  return (await complaintsOf(one(fields), bench)).map((text) => text.replace(/^\S+ /, ''));
}

/** An auth with its secrets in clear. */
function shown(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('reveal' in value && typeof value.reveal === 'function') return value.reveal();
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shown(member)]));
}

describe('AWS_SIGV4', () => {
  test('takes keys by reference, and none from elsewhere', async () => {
    const aws =
      'aws: {region: eu-west-1, access_key_id: "env:ID", secret_access_key: "env:SECRET", session_token: "env:TOKEN"}';
    expect(shown(await authOf(`${BASE}, auth_scheme: AWS_SIGV4, ${aws}`))).toEqual({
      kind: 'aws-sigv4',
      region: 'eu-west-1',
      keys: { accessKeyId: 'AKIA1', secretAccessKey: 'aws-secret', sessionToken: 'aws-token' },
      profile: undefined,
    });
  });

  test('leaves keys to be looked up where none are given', async () => {
    const auth = await authOf(`${BASE}, auth_scheme: AWS_SIGV4, aws: {region: eu-west-1, profile: work}`);
    expect(auth).toMatchObject({ keys: undefined, profile: 'work' });
  });

  test.each([
    ['dialect: openai-chat, base_url: https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1', 'us-west-2'],
    ['dialect: openai-chat, base_url: https://bedrock-runtime-fips.us-east-2.amazonaws.com', 'us-east-2'],
    ['dialect: openai-chat, base_url: https://vpce-1.bedrock-runtime.eu-central-1.vpce.amazonaws.com', 'eu-central-1'],
    ['dialect: openai-chat, base_url: https://bedrock-runtime.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['dialect: openai-chat, base_url: https://bedrock-runtime.ap-south-1.api.aws', 'ap-south-1'],
    // Signed for another region than that of its host, a request would be refused there.
    [`${BASE}, aws: {region: eu-west-3}`, 'eu-west-3'],
    [BASE, 'sa-east-1'],
  ])('with %s signs for %s', async (fields, region) => {
    const bench = { env: { AWS_REGION: 'sa-east-1', AWS_DEFAULT_REGION: 'af-south-1' } };
    expect(await authOf(`${fields}, auth_scheme: AWS_SIGV4`, bench)).toMatchObject({ region });
  });

  test('takes AWS_DEFAULT_REGION where AWS_REGION is not set', async () => {
    const bench = { env: { AWS_DEFAULT_REGION: 'af-south-1' } };
    expect(await authOf(`${BASE}, auth_scheme: AWS_SIGV4`, bench)).toMatchObject({ region: 'af-south-1' });
  });

  test.each([
    ['', 'providers[0].aws.region: is missing, and the environment variable AWS_REGION is not set'],
    [', credential: "env:K", aws: {region: a-1}', 'providers[0].credential: does not go with AWS_SIGV4'],
    [', aws: {region: a-1, access_key_id: "env:ID"}', 'providers[0].aws.secret_access_key: is missing'],
    [', aws: {region: a-1, secret_access_key: "env:SECRET"}', 'providers[0].aws.access_key_id: is missing'],
    [', aws: {region: a-1, session_token: "env:TOKEN"}', 'providers[0].aws.session_token: needs access_key_id'],
    [', aws: {region: a-1, access_key_id: AKIA}', 'providers[0].aws.access_key_id: must be a reference'],
    [', aws: {region: "a/b"}', 'providers[0].aws.region: must be a region such as us-east-1'],
    [
      ', aws: {region: a-1, access_key_id: "env:NONE", secret_access_key: "env:SECRET"}',
      'providers[0].aws.access_key_id: the environment variable NONE is not set',
    ],
    [
      ', aws: {region: a-1, access_key_id: "env:ID", secret_access_key: "env:SECRET", profile: p}',
      'providers[0].aws.profile: stands beside keys',
    ],
    [', aws: {region: a-1}, headers: {Authorization: x}', 'providers[0].headers["Authorization"]: carries'],
  ])('with %s is refused', async (fields, message) => {
    const found = await complaints(`${BASE}, auth_scheme: AWS_SIGV4${fields}`);
    expect(found.some((text) => text.startsWith(message))).toBe(true);
  });

  test('wants no key that a preset usually has', async () => {
    expect(await complaints('preset: openai, auth_scheme: AWS_SIGV4, aws: {region: a-1}')).toEqual([]);
  });

  test('takes no region from the environment that could be part of another host', async () => {
    const bench = { env: { AWS_REGION: 'evil.example/?' } };
    const found = await complaints('preset: bedrock', bench);
    expect(found).toEqual([
      'providers[0].aws.region: is missing, and env:AWS_REGION, env:AWS_DEFAULT_REGION is no region such as us-east-1',
    ]);
  });
});

describe('the preset bedrock', () => {
  test.each([
    ['aws: {region: eu-west-1}', 'https://bedrock-runtime.eu-west-1.amazonaws.com', 'eu-west-1'],
    ['', 'https://bedrock-runtime.us-east-1.amazonaws.com', 'us-east-1'],
    [
      'base_url: https://bedrock-runtime.us-west-2.amazonaws.com',
      'https://bedrock-runtime.us-west-2.amazonaws.com',
      'us-west-2',
    ],
    ['aws: {region: eu-west-1}, base_url: "https://proxy.example/b/"', 'https://proxy.example/b', 'eu-west-1'],
  ])('with {%s} is called at %s', async (fields, baseUrl, region) => {
    const snapshot = await snapshotOf(one(`preset: bedrock, ${fields}`), { env: { AWS_REGION: 'us-east-1' } });
    expect(snapshot.providers.get('a')).toMatchObject({ baseUrl, auth: { kind: 'aws-sigv4', region } });
  });

  test('takes an API key as a bearer token, and the region only for its address', async () => {
    const fields = 'preset: bedrock, auth_scheme: BEARER, credential: "env:K", aws: {region: eu-west-1}';
    const provider = (await snapshotOf(one(fields), { env })).providers.get('a');
    expect(provider?.baseUrl).toBe('https://bedrock-runtime.eu-west-1.amazonaws.com');
    expect(provider?.auth).toBeUndefined();
    expect(provider?.headers.get('authorization')?.reveal()).toBe('Bearer k');
    expect(await complaints(fields.replace('region: eu-west-1', 'profile: p'))).toContain(
      'providers[0].aws: is only for auth_scheme: AWS_SIGV4',
    );
    expect(await complaints('preset: bedrock, auth_scheme: BEARER, credential: "env:K"')).toEqual([
      'providers[0].aws.region: is missing, and the environment variable AWS_REGION is not set',
    ]);
  });
});

describe('GOOGLE_SERVICE_ACCOUNT', () => {
  test('takes a key file whole, line breaks and all', async () => {
    const auth = await authOf(`${BASE}, auth_scheme: GOOGLE_SERVICE_ACCOUNT, credential: "file:google.json"`);
    expect(shown(auth)).toEqual({
      kind: 'google-service-account',
      key: KEY_FILE,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      tokenUrl: undefined,
    });
  });

  test('takes a scope and a token URL', async () => {
    const google = 'google: {scope: "https://s.example", token_url: "https://t.example/token"}';
    const auth = await authOf(
      `${BASE}, auth_scheme: GOOGLE_SERVICE_ACCOUNT, credential: "file:google.json", ${google}`,
    );
    expect(auth).toMatchObject({ scope: 'https://s.example', tokenUrl: 'https://t.example/token' });
  });

  test.each([
    ['not JSON: secret-text', 'is not the JSON of a Google key file'],
    ['"secret-text"', 'is not the JSON of a Google key file'],
    ['{"type": "external_account", "x": "secret-text"}', 'whose type is neither service_account nor authorized_user'],
    ['{"type": "service_account", "client_email": "secret-text"}', 'without client_email or private_key'],
    [
      '{"type": "service_account", "client_email": "a", "private_key": "secret-text"}',
      'whose private_key is no RSA key in PEM',
    ],
    ['{"type": "authorized_user", "client_id": "secret-text"}', 'without client_id, client_secret or refresh_token'],
    [KEY_FILE.replace('{', '{"token_uri": "secret-text",'), 'whose token_uri is no URL'],
  ])('refuses a credential that is %s', async (text, message) => {
    const fields = `${BASE}, auth_scheme: GOOGLE_SERVICE_ACCOUNT, credential: "file:bad.json"`;
    const [found = '', ...more] = await complaints(fields, { files: { 'bad.json': text } });
    expect(more).toEqual([]);
    expect(found).toContain('providers[0].credential: file:bad.json is ');
    expect(found).toContain(message);
    expect(found).not.toContain('secret-text');
  });

  test.each([
    ['', 'providers[0].credential: is missing: give a service account'],
    [', credential: "file:google.json", google: {token_url: "ftp://x"}', 'providers[0].google.token_url: must begin'],
    [
      ', credential: "file:google.json", google: {token_url: "https://u:p@x"}',
      'providers[0].google.token_url: must not',
    ],
    [', credential: "file:google.json", entra: {tenant_id: t}', 'providers[0].entra: is only for auth_scheme: ENTRA'],
  ])('with %s is refused', async (fields, message) => {
    const [found] = await complaints(`${BASE}, auth_scheme: GOOGLE_SERVICE_ACCOUNT${fields}`);
    expect(found).toContain(message);
  });
});

describe('ENTRA', () => {
  const ENTRA = `${BASE}, auth_scheme: ENTRA`;

  test('takes the application, and the public cloud where no other is named', async () => {
    const auth = await authOf(`${ENTRA}, credential: "env:CLIENT", entra: {tenant_id: t.example, client_id: c}`);
    expect(shown(auth)).toEqual({
      kind: 'entra',
      tenantId: 't.example',
      clientId: 'c',
      clientSecret: 'entra-secret',
      scope: 'https://cognitiveservices.azure.com/.default',
      authorityUrl: 'https://login.microsoftonline.com',
    });
  });

  test('takes another cloud', async () => {
    const entra = 'entra: {tenant_id: t, client_id: c, scope: s, authority_url: "https://login.microsoftonline.us/"}';
    expect(await authOf(`${ENTRA}, credential: "env:CLIENT", ${entra}`)).toMatchObject({
      scope: 's',
      authorityUrl: 'https://login.microsoftonline.us',
    });
  });

  test('tells all that is missing at once', async () => {
    expect(await complaints(ENTRA)).toEqual([
      "providers[0].credential: is missing: ENTRA needs a reference to the application's secret",
      'providers[0].entra.tenant_id: is missing: ENTRA needs the directory',
      'providers[0].entra.client_id: is missing: ENTRA needs the application',
    ]);
  });

  test.each(['../x', 'a/b', '.', '..', 'a b'])(
    'refuses the tenant %j, which would name another address',
    async (tenant) => {
      const fields = `${ENTRA}, credential: "env:CLIENT", entra: {tenant_id: "${tenant}", client_id: c}`;
      expect(await complaints(fields)).toEqual([
        "providers[0].entra.tenant_id: must be the directory's id or a domain of it",
      ]);
    },
  );

  test('takes no key of a preset for the application’s secret', async () => {
    const fields =
      'preset: azure, base_url: https://r.openai.azure.com, auth_scheme: ENTRA, entra: {tenant_id: t, client_id: c}';
    expect(await complaints(fields, { env: { AZURE_OPENAI_API_KEY: 'k' } })).toEqual([
      "providers[0].credential: is missing: ENTRA needs a reference to the application's secret",
    ]);
  });
});

test.each([
  ['aws: {region: a-1}', 'aws', 'AWS_SIGV4'],
  ['aws: {profile: p}', 'aws', 'AWS_SIGV4'],
  ['google: {scope: s}', 'google', 'GOOGLE_SERVICE_ACCOUNT'],
  ['entra: {tenant_id: t}', 'entra', 'ENTRA'],
])('%s without its scheme is refused', async (fields, field, scheme) => {
  expect(await complaints(`${BASE}, ${fields}`)).toEqual([`providers[0].${field}: is only for auth_scheme: ${scheme}`]);
});

test('a snapshot shows no secret of a made credential', async () => {
  const fields = `${BASE}, auth_scheme: ENTRA, credential: "env:CLIENT", entra: {tenant_id: t, client_id: c}`;
  expect(JSON.stringify(await authOf(fields))).not.toContain('entra-secret');
});
