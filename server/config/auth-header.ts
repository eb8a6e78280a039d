import { AuthScheme, type Provider } from '../../gen/sluice/config/v1/config_pb.ts';
import type { PresetAuthScheme } from '../providers/preset.ts';
import { PRESETS } from '../providers/presets.ts';

/** The header that carries a provider's key, and how the key is written there. */
export interface AuthHeader {
  /** In lower case. */
  readonly name: string;
  readonly prefix: string;
}

const SCHEME_OF_PRESET: Readonly<Record<PresetAuthScheme, AuthScheme>> = {
  bearer: AuthScheme.BEARER,
  'x-api-key': AuthScheme.X_API_KEY,
  'api-key': AuthScheme.API_KEY,
  'x-goog-api-key': AuthScheme.X_GOOG_API_KEY,
  'aws-sigv4': AuthScheme.AWS_SIGV4,
  'google-service-account': AuthScheme.GOOGLE_SERVICE_ACCOUNT,
  entra: AuthScheme.ENTRA,
};

/** What the APIs that a format comes from expect; all others take a bearer token. */
const SCHEME_OF_DIALECT: ReadonlyMap<string, AuthScheme> = new Map([
  ['anthropic-messages', AuthScheme.X_API_KEY],
  ['gemini', AuthScheme.X_GOOG_API_KEY],
  ['bedrock-converse', AuthScheme.AWS_SIGV4],
]);

/** How a provider's key is sent: as the file says, else its preset, else what is usual for its format. */
export function authSchemeOf({ authScheme, preset, dialect }: Provider): AuthScheme {
  if (authScheme !== AuthScheme.UNSPECIFIED) return authScheme;
  const known = PRESETS.get(preset);
  if (known !== undefined) return SCHEME_OF_PRESET[known.authScheme];
  return SCHEME_OF_DIALECT.get(dialect) ?? AuthScheme.BEARER;
}

/** Whether the scheme signs requests or fetches tokens, so that no header holds all there is. */
export function isMadeScheme(scheme: AuthScheme): boolean {
  return MADE_SCHEMES.has(scheme);
}

const MADE_SCHEMES: ReadonlySet<AuthScheme> = new Set([
  AuthScheme.AWS_SIGV4,
  AuthScheme.GOOGLE_SERVICE_ACCOUNT,
  AuthScheme.ENTRA,
]);

/** Undefined for NONE and for schemes that sign or fetch tokens. Unset is a bearer token: all presets take one. */
export function authHeader(scheme: AuthScheme): AuthHeader | undefined {
  switch (scheme) {
    case AuthScheme.NONE:
    case AuthScheme.AWS_SIGV4:
    case AuthScheme.GOOGLE_SERVICE_ACCOUNT:
    case AuthScheme.ENTRA:
      return undefined;
    case AuthScheme.X_GOOG_API_KEY:
      return { name: 'x-goog-api-key', prefix: '' };
    case AuthScheme.X_API_KEY:
      return { name: 'x-api-key', prefix: '' };
    case AuthScheme.API_KEY:
      return { name: 'api-key', prefix: '' };
    default:
      return { name: 'authorization', prefix: 'Bearer ' };
  }
}
