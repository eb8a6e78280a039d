import { describe, expect, test } from 'vitest';
import { Secret } from '../../../server/core/secret.ts';
import { AttemptError } from '../../../server/errors/attempt-error.ts';
import { findAwsKeys } from '../../../server/upstream/auth/aws-keys.ts';
import { failureOf } from '../loopback.ts';
import { type AuthBenchInit, awsAuth, createAuthBench, said } from './support.ts';

const KEYS = said({
  Code: 'Success',
  AccessKeyId: 'ASIA1',
  SecretAccessKey: 'temporary-secret',
  Token: 'temporary-token',
  Expiration: '2026-01-01T06:00:00Z',
});
const EXPIRES_AT_MS = Date.UTC(2026, 0, 1, 6);
const OFF = { AWS_EC2_METADATA_DISABLED: 'true' };
const CREDENTIALS = '/people/ada/.aws/credentials';
const CONFIG = '/people/ada/.aws/config';

async function find(init: AuthBenchInit, auth = awsAuth()) {
  const bench = createAuthBench(init);
  const lease = await findAwsKeys(bench.deps, auth, new AbortController().signal);
  const { accessKeyId, secretAccessKey, sessionToken } = lease.value;
  const keys = [accessKeyId.reveal(), secretAccessKey.reveal(), sessionToken?.reveal()];
  return { keys, expiresAtMs: lease.expiresAtMs, requests: bench.upstream.requests };
}

async function complaint(init: Partial<AuthBenchInit>, auth = awsAuth()): Promise<AttemptError> {
  const error = await failureOf(find({ answers: [], ...init }, auth));
  if (error instanceof AttemptError) return error;
  throw error;
}

const ENV_KEYS = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 'env-secret' };

describe('keys of AWS come from', () => {
  test('the configuration, before anything else', async () => {
    const keys = {
      accessKeyId: new Secret('AKIAFILE'),
      secretAccessKey: new Secret('s'),
      sessionToken: new Secret('t'),
    };
    const found = await find({ answers: [], env: ENV_KEYS }, awsAuth({ keys }));
    expect(found).toMatchObject({ keys: ['AKIAFILE', 's', 't'], expiresAtMs: undefined, requests: [] });
  });

  test('the environment', async () => {
    expect((await find({ answers: [], env: ENV_KEYS })).keys).toEqual(['AKIAENV', 'env-secret', undefined]);
    const env = { ...ENV_KEYS, AWS_SESSION_TOKEN: 'env-token' };
    expect((await find({ answers: [], env })).keys).toEqual(['AKIAENV', 'env-secret', 'env-token']);
  });

  test('the profile that the configuration names, and then not from the environment', async () => {
    const files = { [CREDENTIALS]: '[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = work-secret\n' };
    const found = await find({ answers: [], env: ENV_KEYS, files }, awsAuth({ profile: 'work' }));
    expect(found.keys).toEqual(['AKIAWORK', 'work-secret', undefined]);
  });

  test('the default profile of either file, the credentials file first', async () => {
    const credentials = `# comment
[other]
aws_access_key_id=AKIAOTHER

[default]
AWS_Access_Key_Id=AKIADEFAULT
aws_session_token = token==
; comment
`;
    const config =
      '[default]\nregion=eu-west-1\ns3 =\n  aws_access_key_id = AKIANESTED\naws_secret_access_key=from-config\n';
    const found = await find({ answers: [], files: { [CREDENTIALS]: credentials, [CONFIG]: config } });
    expect(found.keys).toEqual(['AKIADEFAULT', 'from-config', 'token==']);
  });

  test('the profile and the files that variables name', async () => {
    const env = { AWS_PROFILE: 'ci', AWS_CONFIG_FILE: '/etc/aws.cfg', AWS_SHARED_CREDENTIALS_FILE: '/etc/aws.creds' };
    const files = {
      '/etc/aws.cfg': '[profile ci]\r\naws_access_key_id = AKIACI\r\naws_secret_access_key = ci-secret\r\n',
    };
    expect((await find({ answers: [], env, files })).keys).toEqual(['AKIACI', 'ci-secret', undefined]);
  });

  test('a web identity', async () => {
    const xml = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
      <AssumeRoleWithWebIdentityResult><Credentials>
        <SessionToken>temporary/token==</SessionToken><SecretAccessKey>temp+secret</SecretAccessKey>
        <Expiration>2026-01-01T06:00:00Z</Expiration><AccessKeyId>ASIAWEB</AccessKeyId>
      </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: '/run/token', AWS_ROLE_ARN: 'arn:aws:iam::1:role/r' };
    const found = await find({ answers: [said(xml)], env, files: { '/run/token': 'jwt\n' } });
    expect(found).toMatchObject({
      keys: ['ASIAWEB', 'temp+secret', 'temporary/token=='],
      expiresAtMs: EXPIRES_AT_MS,
    });
    expect(found.requests[0]?.url.href).toBe('https://sts.us-east-1.amazonaws.com/');
    expect(Object.fromEntries(new URLSearchParams(found.requests[0]?.body))).toEqual({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: 'arn:aws:iam::1:role/r',
      RoleSessionName: 'sluice',
      WebIdentityToken: 'jwt',
    });
  });

  test('the container of ECS, at its one address', async () => {
    const env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/1?x=1' };
    const found = await find({ answers: [KEYS], env });
    expect(found.keys).toEqual(['ASIA1', 'temporary-secret', 'temporary-token']);
    expect(found.expiresAtMs).toBe(EXPIRES_AT_MS);
    expect(found.requests[0]).toMatchObject({ method: 'GET', allowMetadataAddress: true, allowPrivateAddress: false });
    expect(found.requests[0]?.url.href).toBe('http://169.254.170.2/v2/credentials/1?x=1');
  });

  test('the container of ECS, whatever its path looks like', async () => {
    const env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '//evil.example/k' };
    expect((await find({ answers: [KEYS], env })).requests[0]?.url.host).toBe('169.254.170.2');
  });

  test('the pod of EKS, with the token of its file', async () => {
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/var/token',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'not this one',
    };
    const found = await find({ answers: [KEYS], env, files: { '/var/token': 'pod-token\n' } });
    expect(found.requests[0]?.headers).toMatchObject({ authorization: 'pod-token' });
    expect(found.requests[0]?.url.href).toBe('http://169.254.170.23/v1/credentials');
  });

  test('the machine, by a session of its metadata service', async () => {
    const found = await find({ answers: [said('session-1'), said('role-1\n'), KEYS] });
    expect(found.keys).toEqual(['ASIA1', 'temporary-secret', 'temporary-token']);
    expect(found.requests.map(({ method, url }) => `${method} ${url.href}`)).toEqual([
      'PUT http://169.254.169.254/latest/api/token',
      'GET http://169.254.169.254/latest/meta-data/iam/security-credentials/',
      'GET http://169.254.169.254/latest/meta-data/iam/security-credentials/role-1',
    ]);
    expect(found.requests.every((request) => request.allowMetadataAddress && !request.allowPrivateAddress)).toBe(true);
    expect(found.requests[0]?.headers).toEqual({ 'x-aws-ec2-metadata-token-ttl-seconds': '300' });
    expect(found.requests[2]?.headers).toEqual({ 'x-aws-ec2-metadata-token': 'session-1' });
  });

  test('the machine’s metadata service where it stands elsewhere', async () => {
    const at = async (env: Readonly<Record<string, string>>) =>
      (await find({ answers: [said('s'), said('r'), KEYS], env })).requests[0]?.url.origin;
    expect(await at({ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'IPv6' })).toBe('http://[fd00:ec2::254]');
    expect(await at({ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1338' })).toBe('http://127.0.0.1:1338');
  });
});

describe('without keys', () => {
  test('the message says where they were looked for', async () => {
    const error = await complaint({ env: OFF });
    expect(error.failure).toBe('CREDENTIAL_REJECTED');
    expect(error.message).toContain('the configuration, the environment, a profile or a container');
  });

  test('a machine that is none of Amazon’s is told of as such', async () => {
    const answers = [{ refuse: new AttemptError('TIMEOUT', 'No connection to 169.254.169.254 in time.') }];
    const error = await complaint({ answers });
    expect(error.failure).toBe('TIMEOUT');
    expect(error.message).toContain("the machine's metadata service does not answer");
  });

  test.each(['credential_process = /bin/steal', 'sso_session = s', 'role_arn = arn:aws:iam::1:role/r'])(
    'a profile with %s is refused, and nothing is run',
    async (line) => {
      const error = await complaint({ env: OFF, files: { [CONFIG]: `[default]\n${line}\n` } });
      expect(error).toMatchObject({ failure: 'CREDENTIAL_REJECTED' });
      expect(error.message).toContain(`uses ${line.split(' ')[0]}`);
      expect(error.message).not.toContain('steal');
    },
  );

  test('a profile that is asked for and missing is told, not passed over', async () => {
    expect((await complaint({ env: { AWS_PROFILE: 'gone' } })).message).toContain('no profile "gone"');
    expect((await complaint({}, awsAuth({ profile: 'gone' }))).message).toContain('no profile "gone"');
    const files = { [CREDENTIALS]: '[half]\naws_access_key_id = AKIA\n' };
    expect((await complaint({ files }, awsAuth({ profile: 'half' }))).message).toContain('aws_secret_access_key');
  });

  test('a default profile without keys leads on to the next place', async () => {
    const files = { [CONFIG]: '[default]\nregion = us-east-1\n' };
    const env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/k' };
    expect((await find({ answers: [KEYS], env, files })).keys[0]).toBe('ASIA1');
  });

  test.each([
    ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', '@evil.example/'],
    ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', '.evil.example/'],
    ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'k'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://10.0.0.1/k'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://evil.example/k'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://127.evil.example/k'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://169.254.170.3/k'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'file:///k'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'nonsense'],
  ])('%s=%s is not asked: the token would go there', async (name, value) => {
    const error = await complaint({ env: { [name]: value, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'pod-token' } });
    expect(error.failure).toBe('CREDENTIAL_REJECTED');
    expect(error.message).toContain(name);
  });

  test.each([
    'https://keys.example/k',
    'http://localhost:9/k',
    'http://127.0.0.2/k',
    'http://[::1]/k',
    'http://[fd00:ec2::23]/k',
  ])('AWS_CONTAINER_CREDENTIALS_FULL_URI=%s is asked', async (url) => {
    const found = await find({ answers: [KEYS], env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: url } });
    expect(found.requests[0]?.url.href).toBe(url);
  });

  test.each([
    ['a refusal', said({ code: 'AccessDenied' }, 403), 'CREDENTIAL_REJECTED'],
    ['a failed lookup', said({ Code: 'Failed', Message: 'no' }), 'CREDENTIAL_REJECTED'],
    ['keys without an end', said({ AccessKeyId: 'a', SecretAccessKey: 'b', Token: 'c' }), 'CREDENTIAL_REJECTED'],
    ['no JSON', said('<html>'), 'CREDENTIAL_REJECTED'],
    ['trouble', said('', 500), 'CONNECTION'],
  ])('%s of the container is told, not passed over', async (_, answer, failure) => {
    const env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/k' };
    expect(await complaint({ answers: [answer], env })).toMatchObject({ failure });
  });

  test('a refusal of a web identity is told by its code', async () => {
    const xml =
      '<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>jwt-1 is bad</Message></Error></ErrorResponse>';
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: '/run/token', AWS_ROLE_ARN: 'r' };
    const error = await complaint({ answers: [said(xml, 400)], env, files: { '/run/token': 'jwt-1' } });
    expect(error.message).toContain('answered 400 (InvalidIdentityToken)');
    expect(error.message).not.toContain('jwt-1');
  });
});
