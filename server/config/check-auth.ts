import { AuthScheme, type Provider } from '../../gen/sluice/config/v1/config_pb.ts';
import { PRESETS } from '../providers/presets.ts';
import { authSchemeOf, isMadeScheme } from './auth-header.ts';
import { hasRegionalUrl } from './aws-region.ts';
import { complaintOfUrl } from './check-url.ts';
import type { Finding } from './problems.ts';

/** Checks that a provider has what its way of sending a key needs, and nothing of another way. Paths are below the provider. */
export function checkAuth(provider: Provider): readonly Finding[] {
  const scheme = authSchemeOf(provider);
  return [...checkPool(provider), ...checkScheme(provider, scheme), ...checkStrayFields(provider, scheme)];
}

/** Whether the file names a key, or several. */
function hasCredential({ credential, credentials }: Provider): boolean {
  return credential !== '' || credentials.length > 0;
}

function checkPool({ credential, credentials }: Provider): readonly Finding[] {
  if (credential !== '' && credentials.length > 0) {
    return [{ path: 'credentials', message: 'stands beside credential: give one of the two' }];
  }
  const names = credentials.map(({ name }) => name);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === '' || first === index) return [];
    return [{ path: `credentials[${index}].name`, message: `"${name}" is taken by credentials[${first}]` }];
  });
}

/** Whether requests bear a key in a fixed header: the provider's own, or the one that its preset takes from the environment. */
export function hasFixedKey(provider: Provider): boolean {
  const scheme = authSchemeOf(provider);
  if (scheme === AuthScheme.NONE || isMadeScheme(scheme)) return false;
  return hasCredential(provider) || (PRESETS.get(provider.preset)?.envVars ?? []).length > 0;
}

function checkScheme(provider: Provider, scheme: AuthScheme): readonly Finding[] {
  switch (scheme) {
    case AuthScheme.AWS_SIGV4:
      return checkAws(provider);
    case AuthScheme.GOOGLE_SERVICE_ACCOUNT:
      return checkGoogle(provider);
    case AuthScheme.ENTRA:
      return checkEntra(provider);
    case AuthScheme.NONE:
      if (!hasCredential(provider)) return [];
      return [{ path: 'auth_scheme', message: 'NONE sends no key, but credential names one: leave out one of them' }];
    default:
      if (provider.authScheme === AuthScheme.UNSPECIFIED || hasFixedKey(provider)) return [];
      return [{ path: 'auth_scheme', message: 'tells how a key is sent, but credential names none' }];
  }
}

function checkAws(provider: Provider): readonly Finding[] {
  const { aws } = provider;
  const findings: Finding[] = [];
  if (hasCredential(provider)) {
    const message =
      'does not go with AWS_SIGV4, whose keys stand in aws; for an API key of Bedrock write auth_scheme: BEARER';
    findings.push({ path: provider.credential === '' ? 'credentials' : 'credential', message });
  }
  if (aws === undefined) return findings;
  const { accessKeyId, secretAccessKey, sessionToken, profile } = aws;
  const partner = 'is missing: access_key_id and secret_access_key go together';
  const keys = accessKeyId !== '' || secretAccessKey !== '';
  if (keys && accessKeyId === '') findings.push({ path: 'aws.access_key_id', message: partner });
  if (keys && secretAccessKey === '') findings.push({ path: 'aws.secret_access_key', message: partner });
  if (!keys && sessionToken !== '') {
    findings.push({ path: 'aws.session_token', message: 'needs access_key_id and secret_access_key beside it' });
  }
  if (keys && profile !== '') {
    findings.push({ path: 'aws.profile', message: 'stands beside keys: give one of the two' });
  }
  return findings;
}

function checkGoogle(provider: Provider): readonly Finding[] {
  const { google } = provider;
  const findings: Finding[] = [];
  if (!hasCredential(provider)) {
    const message = "is missing: give a service account's key file, as in file:/run/secrets/google.json";
    findings.push({ path: 'credential', message });
  }
  return [...findings, ...checkTokenUrl('google.token_url', google?.tokenUrl)];
}

/** A GUID or a domain. */
const TENANT = /^[A-Za-z0-9][A-Za-z0-9.-]*$/;

function checkEntra(provider: Provider): readonly Finding[] {
  const { entra } = provider;
  const findings: Finding[] = [];
  if (!hasCredential(provider)) {
    findings.push({ path: 'credential', message: "is missing: ENTRA needs a reference to the application's secret" });
  }
  const tenant = entra?.tenantId ?? '';
  if (tenant === '') findings.push({ path: 'entra.tenant_id', message: 'is missing: ENTRA needs the directory' });
  else if (!TENANT.test(tenant)) {
    findings.push({ path: 'entra.tenant_id', message: "must be the directory's id or a domain of it" });
  }
  if ((entra?.clientId ?? '') === '') {
    findings.push({ path: 'entra.client_id', message: 'is missing: ENTRA needs the application' });
  }
  return [...findings, ...checkTokenUrl('entra.authority_url', entra?.authorityUrl)];
}

function checkTokenUrl(path: string, url = ''): readonly Finding[] {
  const message = url === '' ? undefined : complaintOfUrl(url);
  return message === undefined ? [] : [{ path, message }];
}

function checkStrayFields(provider: Provider, scheme: AuthScheme): readonly Finding[] {
  const { aws, google, entra } = provider;
  const stray = (path: string, wanted: string): Finding => ({ path, message: `is only for auth_scheme: ${wanted}` });
  const findings: Finding[] = [];
  if (aws !== undefined && scheme !== AuthScheme.AWS_SIGV4) {
    // Where the region chooses the base URL, it is needed with an API key too.
    const { region, ...others } = aws;
    const more = Object.entries(others).find(([name, value]) => !name.startsWith('$') && value !== '')?.[0];
    if (more !== undefined || region === '' || !hasRegionalUrl(provider)) findings.push(stray('aws', 'AWS_SIGV4'));
  }
  if (google !== undefined && scheme !== AuthScheme.GOOGLE_SERVICE_ACCOUNT) {
    findings.push(stray('google', 'GOOGLE_SERVICE_ACCOUNT'));
  }
  if (entra !== undefined && scheme !== AuthScheme.ENTRA) findings.push(stray('entra', 'ENTRA'));
  return findings;
}
