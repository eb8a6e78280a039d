import { AuthScheme, type Provider } from '../../gen/sluice/config/v1/config_pb.ts';
import type { Secret } from '../core/secret.ts';
import { authSchemeOf } from './auth-header.ts';
import { regionOf } from './aws-region.ts';
import type { AwsKeys, ProviderAuth } from './snapshot.ts';

const GOOGLE_SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const ENTRA_SCOPE = 'https://cognitiveservices.azure.com/.default';
const ENTRA_AUTHORITY = 'https://login.microsoftonline.com';

/** Secrets by the paths of the fields that refer to them, and the provider's own path. */
export interface AuthSecrets {
  readonly path: string;
  /** Below it, the field that refers to the key. */
  readonly keyField: string;
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** The credentials of a valid provider that are made for each request; undefined where a header or nothing is all. */
export function compileAuth(provider: Provider, at: AuthSecrets): ProviderAuth | undefined {
  const credential = at.secrets.get(`${at.path}.${at.keyField}`);
  switch (authSchemeOf(provider)) {
    case AuthScheme.AWS_SIGV4:
      return Object.freeze({
        kind: 'aws-sigv4',
        region: compileRegion(provider, at) ?? '',
        keys: compileKeys(at),
        profile: provider.aws?.profile || undefined,
      });
    case AuthScheme.GOOGLE_SERVICE_ACCOUNT:
      if (credential === undefined) return undefined;
      return Object.freeze({
        kind: 'google-service-account',
        key: credential,
        scope: provider.google?.scope || GOOGLE_SCOPE,
        tokenUrl: provider.google?.tokenUrl || undefined,
      });
    case AuthScheme.ENTRA:
      if (credential === undefined) return undefined;
      return Object.freeze({
        kind: 'entra',
        tenantId: provider.entra?.tenantId ?? '',
        clientId: provider.entra?.clientId ?? '',
        clientSecret: credential,
        scope: provider.entra?.scope || ENTRA_SCOPE,
        authorityUrl: (provider.entra?.authorityUrl || ENTRA_AUTHORITY).replace(/\/+$/, ''),
      });
    default:
      return undefined;
  }
}

/** The region of a provider that needs one: its own, else the environment's. */
export function compileRegion(
  provider: Provider,
  { path, secrets }: Omit<AuthSecrets, 'keyField'>,
): string | undefined {
  return regionOf(provider) ?? secrets.get(`${path}.aws.region`)?.reveal();
}

function compileKeys({ path, secrets }: AuthSecrets): AwsKeys | undefined {
  const accessKeyId = secrets.get(`${path}.aws.access_key_id`);
  const secretAccessKey = secrets.get(`${path}.aws.secret_access_key`);
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return Object.freeze({ accessKeyId, secretAccessKey, sessionToken: secrets.get(`${path}.aws.session_token`) });
}
