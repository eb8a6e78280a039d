import { AuthScheme, type Config, type Provider } from '../../gen/sluice/config/v1/config_pb.ts';
import { PRESETS } from '../providers/presets.ts';
import { authHeader, authSchemeOf } from './auth-header.ts';
import { entryPath } from './config-path.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Finding } from './problems.ts';

/** Checks each provider by itself: preset, dialect, base URL, key and headers fit together. */
export function checkProviders(config: Config): readonly Finding[] {
  return config.providers.flatMap((provider, index) => {
    const findings = [
      ...checkShape(provider),
      ...checkBaseUrl(provider),
      ...checkAuth(provider),
      ...checkHeaders(provider),
    ];
    return findings.map(({ path, message }) => ({ path: `providers[${index}].${path}`, message }));
  });
}

function checkShape(provider: Provider): readonly Finding[] {
  if (provider.preset !== '') {
    if (PRESETS.has(provider.preset)) return [];
    const hint = didYouMean(provider.preset, PRESETS.keys()) || `; known are ${[...PRESETS.keys()].join(', ')}`;
    return [{ path: 'preset', message: `no built-in provider is named "${provider.preset}"${hint}` }];
  }
  const hint = PRESETS.has(provider.name)
    ? `; for the built-in provider write preset: ${provider.name}`
    : ', or a preset';
  const findings: Finding[] = [];
  if (provider.dialect === '') findings.push({ path: 'dialect', message: `is missing: give a dialect${hint}` });
  if (provider.baseUrl === '') findings.push({ path: 'base_url', message: `is missing: give a base_url${hint}` });
  return findings;
}

/** The message leaves out the URL: one with a password in it is just what it complains of. */
function checkBaseUrl(provider: Provider): readonly Finding[] {
  if (provider.baseUrl === '') return [];
  const complaint = (message: string): readonly Finding[] => [{ path: 'base_url', message }];
  const url = URL.parse(provider.baseUrl);
  if (url === null) return complaint('must be a URL such as https://api.example.com/v1');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return complaint('must begin with https:// or http://');
  if (url.username !== '' || url.password !== '') return complaint('must not hold a user or password: use credential');
  // An empty query or fragment leaves no trace in the parsed URL, but would still swallow the path that follows.
  if (/[?#]/.test(provider.baseUrl)) return complaint('must not hold a query or a fragment');
  return [];
}

function checkAuth(provider: Provider): readonly Finding[] {
  const { authScheme, credential } = provider;
  if (authScheme === AuthScheme.UNSPECIFIED) return [];
  if (authScheme === AuthScheme.NONE) {
    if (credential === '') return [];
    return [{ path: 'auth_scheme', message: 'NONE sends no key, but credential names one: leave out one of them' }];
  }
  if (hasKey(provider)) return [];
  return [{ path: 'auth_scheme', message: 'tells how a key is sent, but credential names none' }];
}

/** Whether requests bear a key: the provider's own, or the one that its preset takes from the environment. */
function hasKey({ authScheme, credential, preset }: Provider): boolean {
  if (authScheme === AuthScheme.NONE) return false;
  return credential !== '' || (PRESETS.get(preset)?.envVars ?? []).length > 0;
}

/** What the connection itself says, or what names another destination than base_url. */
const FORBIDDEN_HEADERS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function checkHeaders(provider: Provider): readonly Finding[] {
  const taken = new Set<string>();
  const ofKey = hasKey(provider) ? authHeader(authSchemeOf(provider))?.name : undefined;
  return Object.entries(provider.headers).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    const message = taken.has(lower) ? 'stands twice: case makes no difference' : complaintOf(lower, value, ofKey);
    taken.add(lower);
    return message === undefined ? [] : [{ path: entryPath('headers', name), message }];
  });
}

function complaintOf(lower: string, value: string, ofKey: string | undefined): string | undefined {
  if (FORBIDDEN_HEADERS.has(lower)) return 'is set by Sluice itself';
  if (lower === ofKey) return "carries the provider's key: leave it out, or write auth_scheme: NONE and no credential";
  return isHeaderValue(value) ? undefined : 'is not a value that a header can carry';
}

/** A field value of RFC 9110, 5.5: visible ASCII and the upper half of Latin-1, with blanks only inside. */
export function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value) && value.trim() === value;
}
