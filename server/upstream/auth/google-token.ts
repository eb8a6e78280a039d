import { createSign } from 'node:crypto';
import { type GoogleKey, readGoogleKey } from '../../config/google-key.ts';
import type { ProviderAuth } from '../../config/snapshot.ts';
import type { Secret } from '../../core/secret.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { AuthDeps } from './auth-deps.ts';
import { askForToken } from './oauth-token.ts';
import type { Lease } from './renewal.ts';

type GoogleAuth = Extract<ProviderAuth, { kind: 'google-service-account' }>;

/**
 * A token of Google for a service account, by a JWT that its key signs, or for a user, by a refresh token:
 * https://developers.google.com/identity/protocols/oauth2/service-account#httprest
 */
export function googleToken(
  deps: AuthDeps,
  auth: GoogleAuth & { readonly allowPrivateAddress: boolean },
  signal: AbortSignal,
): Promise<Lease<Secret>> {
  const read = readGoogleKey(auth.key.reveal());
  // The configuration is refused at load where it is none.
  if (read.kind === 'bad') throw new AttemptError('CREDENTIAL_REJECTED', `The credential ${read.message}.`);
  const { key } = read;
  const url = new URL(auth.tokenUrl ?? key.tokenUrl);
  const form = formOf(key, auth.scope, deps.clock.now());
  return askForToken(deps, { url, form, allowPrivateAddress: auth.allowPrivateAddress }, signal);
}

function formOf(key: GoogleKey, scope: string, nowMs: number): Readonly<Record<string, string>> {
  if (key.kind === 'service_account') {
    return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertionOf(key, scope, nowMs) };
  }
  return {
    grant_type: 'refresh_token',
    client_id: key.clientId,
    client_secret: key.clientSecret.reveal(),
    refresh_token: key.refreshToken.reveal(),
  };
}

/** The most that Google allows. */
const ASSERTION_LIFE_S = 3600;

type ServiceAccount = Extract<GoogleKey, { kind: 'service_account' }>;

function assertionOf({ email, keyId, privateKey, tokenUrl }: ServiceAccount, scope: string, nowMs: number): string {
  const issuedAt = Math.floor(nowMs / 1000);
  const header = { alg: 'RS256', typ: 'JWT', kid: keyId };
  // The audience is Google's own endpoint, also where the request goes through another address.
  const claims = { iss: email, scope, aud: tokenUrl, iat: issuedAt, exp: issuedAt + ASSERTION_LIFE_S };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
}
