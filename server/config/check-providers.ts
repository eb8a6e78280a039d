import { AuthScheme, type Config, type Provider } from '../../gen/sluice/config/v1/config_pb.ts';
import { PRESETS } from '../providers/presets.ts';
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
  const { authScheme, credential, preset } = provider;
  if (authScheme === AuthScheme.NONE && credential !== '') {
    return [{ path: 'auth_scheme', message: 'NONE sends no key, but credential names one: leave out one of them' }];
  }
  const keyless = credential === '' && (PRESETS.get(preset)?.envVars ?? []).length === 0;
  const asksForKey = authScheme !== AuthScheme.UNSPECIFIED && authScheme !== AuthScheme.NONE;
  if (keyless && asksForKey) {
    return [{ path: 'auth_scheme', message: 'tells how a key is sent, but credential names none' }];
  }
  return [];
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
  const seen = new Set<string>();
  return Object.entries(provider.headers).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    const repeated = seen.has(lower);
    seen.add(lower);
    const message = headerComplaint(lower, value, repeated);
    return message === undefined ? [] : [{ path: entryPath('headers', name), message }];
  });
}

function headerComplaint(lower: string, value: string, repeated: boolean): string | undefined {
  if (repeated) return 'stands twice: the case of header names does not count';
  if (FORBIDDEN_HEADERS.has(lower)) return 'is set by Sluice itself';
  return isHeaderValue(value) ? undefined : 'holds a character that a header cannot carry';
}

/** A field value of RFC 9110, 5.5: visible ASCII, spaces, tabs and the upper half of Latin-1. */
export function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
