import { generateKeyPairSync } from 'node:crypto';
import type { ProviderAuth } from '../../../server/config/snapshot.ts';
import { Secret } from '../../../server/core/secret.ts';
import type { AuthDeps } from '../../../server/upstream/auth/auth-deps.ts';
import { withAuthorization } from '../../../server/upstream/auth/authorize.ts';
import type { Upstream, UpstreamRequest } from '../../../server/upstream/upstream.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { type Answer, createFakeUpstream, type FakeUpstream } from '../../support/fake-upstream.ts';

/** An answer in one piece. */
export function said(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, chunks: [typeof body === 'string' ? body : JSON.stringify(body)] };
}

export interface AuthBench {
  readonly upstream: FakeUpstream;
  readonly clock: FakeClock;
  readonly authorized: Upstream;
  readonly deps: AuthDeps;
}

export interface AuthBenchInit {
  readonly answers: readonly Answer[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** Everything that credentials are made with, in the test's hands. */
export function createAuthBench({ answers, env = {}, files = {} }: AuthBenchInit): AuthBench {
  const upstream = createFakeUpstream(answers);
  const clock = createFakeClock();
  const readFile = async (path: string): Promise<string> => {
    const text = files[path];
    if (text === undefined) throw new Error(`no such file: ${path}`);
    return text;
  };
  const rest = { clock, random: { next: () => 0 }, env, readFile, homeFolder: '/people/ada', report: () => {} };
  return { upstream, clock, authorized: withAuthorization(upstream, rest), deps: { upstream, ...rest } };
}

/** A call to a provider whose credentials are made. */
export function requestWith(auth: ProviderAuth | undefined): UpstreamRequest {
  return {
    url: new URL('https://provider.example/v1/chat'),
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
    allowPrivateAddress: false,
    auth,
  };
}

/** Sends one and gives the headers that the provider got: the last request's. */
export async function headersOf(
  { authorized, upstream }: AuthBench,
  auth: ProviderAuth | undefined,
): Promise<Readonly<Record<string, string>>> {
  await authorized.send(requestWith(auth), { signal: new AbortController().signal, connectTimeoutMs: 1000 });
  return upstream.requests.at(-1)?.headers ?? {};
}

export const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A service account's key file. */
export function keyFile(more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    type: 'service_account',
    project_id: 'p',
    private_key_id: 'k1',
    private_key: RSA.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: 'sluice@p.iam.gserviceaccount.com',
    token_uri: 'https://oauth2.googleapis.com/token',
    ...more,
  });
}

export function googleAuth(key = keyFile(), tokenUrl?: string): ProviderAuth {
  const scope = 'https://www.googleapis.com/auth/cloud-platform';
  return { kind: 'google-service-account', key: new Secret(key), scope, tokenUrl };
}

export function entraAuth(secret = 'entra-secret'): ProviderAuth {
  return {
    kind: 'entra',
    tenantId: 'tenant-1',
    clientId: 'client-1',
    clientSecret: new Secret(secret),
    scope: 'https://cognitiveservices.azure.com/.default',
    authorityUrl: 'https://login.microsoftonline.com',
  };
}

type AwsAuth = Extract<ProviderAuth, { kind: 'aws-sigv4' }>;

export function awsAuth(more: Partial<AwsAuth> = {}): AwsAuth {
  return { kind: 'aws-sigv4', region: 'us-east-1', keys: undefined, profile: undefined, ...more };
}
