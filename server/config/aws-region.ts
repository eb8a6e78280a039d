import { AuthScheme, type Provider } from '../../gen/sluice/config/v1/config_pb.ts';
import { PRESETS } from '../providers/presets.ts';
import { authSchemeOf } from './auth-header.ts';

/** Where the base URL of a preset names its region. */
export const REGION_PLACE = '{region}';

/** Where the region stands that neither the file nor the base URL tells. The first that is set is taken. */
export const REGION_VARIABLES = ['AWS_REGION', 'AWS_DEFAULT_REGION'];

/**
 * The region that a provider's requests are signed for, as far as its own fields tell: the one that it names, else that of
 * its base URL, for any other is refused there.
 */
export function regionOf(provider: Provider): string | undefined {
  return provider.aws?.region || regionOfUrl(provider.baseUrl);
}

/** Whether the region has to come from the environment. */
export function lacksRegion(provider: Provider): boolean {
  if (regionOf(provider) !== undefined) return false;
  return authSchemeOf(provider) === AuthScheme.AWS_SIGV4 || hasRegionalUrl(provider);
}

/** Whether the region chooses the base URL. */
export function hasRegionalUrl({ baseUrl, preset }: Provider): boolean {
  return baseUrl === '' && (PRESETS.get(preset)?.baseUrl ?? '').includes(REGION_PLACE);
}

/** It becomes part of a host's name. */
export function isRegion(text: string): boolean {
  return /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text);
}

/** Bedrock's hosts: https://docs.aws.amazon.com/general/latest/gr/bedrock.html; those of VPC endpoints bear names before it. */
const BEDROCK_HOST =
  /(?:^|\.)bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.(?:(?:vpce\.)?amazonaws\.com(?:\.cn)?|api\.aws)$/;

function regionOfUrl(baseUrl: string): string | undefined {
  return BEDROCK_HOST.exec(URL.parse(baseUrl)?.hostname ?? '')?.[1];
}
