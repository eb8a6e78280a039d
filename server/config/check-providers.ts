import type { Config, Provider } from '../../gen/sluice/config/v1/config_pb.ts';
import type { ProviderPreset } from '../providers/preset.ts';
import { PRESETS } from '../providers/presets.ts';
import { authHeader, authSchemeOf, isMadeScheme } from './auth-header.ts';
import { checkAuth, hasFixedKey } from './check-auth.ts';
import { complaintOfUrl } from './check-url.ts';
import { entryPath } from './config-path.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Finding } from './problems.ts';

/** Checks each provider by itself: preset, dialect, base URL, key and headers fit together. */
export function checkProviders(config: Config): readonly Finding[] {
  return config.providers.flatMap((provider, index) => {
    const findings = [
      ...checkShape(provider),
      ...checkBaseUrl(provider),
      ...checkPresetFields(provider),
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

function checkBaseUrl({ baseUrl, preset }: Provider): readonly Finding[] {
  const known = PRESETS.get(preset);
  if (baseUrl === '') {
    if (known === undefined || known.baseUrl !== '') return [];
    return [{ path: 'base_url', message: `is missing: it is your own there, as in ${known.baseUrlForm ?? ''}` }];
  }
  const message = complaintOfUrl(baseUrl) ?? complaintOfEnd(new URL(baseUrl), known);
  return message === undefined ? [] : [{ path: 'base_url', message }];
}

/** A customer's own base URL, copied from elsewhere, may hold the beginning of the paths already. */
function complaintOfEnd({ pathname }: URL, preset: ProviderPreset | undefined): string | undefined {
  const first = preset?.quirks.paths?.chat?.split('/')[1];
  if (preset?.baseUrlForm === undefined || first === undefined || !pathname.split('/').includes(first))
    return undefined;
  return `must end before /${first}, which Sluice adds, as in ${preset.baseUrlForm}`;
}

/** Fields that only some presets have a place for. */
function checkPresetFields({ preset, dialect, apiVersion }: Provider): readonly Finding[] {
  const known = PRESETS.get(preset);
  const findings: Finding[] = [];
  if (apiVersion !== '' && known?.versionedPaths === undefined) {
    const able = [...PRESETS.values()].filter((each) => each.versionedPaths !== undefined).map(({ name }) => name);
    findings.push({ path: 'api_version', message: `is only for preset: ${able.join(', ')}` });
  }
  const paths = known?.quirks.paths;
  if (paths === undefined || dialect === '' || dialect === known?.dialect) return findings;
  const kind = PATH_OF_DIALECT.get(dialect);
  if (kind === undefined || paths[kind] === undefined) {
    findings.push({ path: 'dialect', message: `preset ${preset} has no path for it: leave the preset out` });
  }
  return findings;
}

/** Formats that may stand beside a preset's own. */
const PATH_OF_DIALECT: ReadonlyMap<string, 'responses' | 'completions'> = new Map([
  ['openai-responses', 'responses'],
  ['openai-completions', 'completions'],
]);

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
  const ofKey = keyHeaderOf(provider);
  return Object.entries(provider.headers).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    const message = taken.has(lower) ? 'stands twice: case makes no difference' : complaintOf(lower, value, ofKey);
    taken.add(lower);
    return message === undefined ? [] : [{ path: entryPath('headers', name), message }];
  });
}

/** The header that the provider's key takes; undefined where it has none. */
function keyHeaderOf(provider: Provider): string | undefined {
  const scheme = authSchemeOf(provider);
  if (isMadeScheme(scheme)) return 'authorization';
  return hasFixedKey(provider) ? authHeader(scheme)?.name : undefined;
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
