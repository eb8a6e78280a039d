import type { ProviderAuth } from '../../config/snapshot.ts';
import type { Secret } from '../../core/secret.ts';
import type { AuthDeps } from './auth-deps.ts';
import { askForToken } from './oauth-token.ts';
import type { Lease } from './renewal.ts';

type EntraAuth = Extract<ProviderAuth, { kind: 'entra' }>;

/**
 * A token of Microsoft Entra by client credentials:
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export function entraToken(
  deps: AuthDeps,
  auth: EntraAuth & { readonly allowPrivateAddress: boolean },
  signal: AbortSignal,
): Promise<Lease<Secret>> {
  const url = new URL(`${auth.authorityUrl}/${encodeURIComponent(auth.tenantId)}/oauth2/v2.0/token`);
  const form = {
    grant_type: 'client_credentials',
    client_id: auth.clientId,
    client_secret: auth.clientSecret.reveal(),
    scope: auth.scope,
  };
  return askForToken(deps, { url, form, allowPrivateAddress: auth.allowPrivateAddress }, signal);
}
