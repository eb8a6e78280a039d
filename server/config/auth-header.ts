import { AuthScheme } from '../../gen/sluice/config/v1/config_pb.ts';

/** The header that carries a provider's key, and how the key is written there. */
export interface AuthHeader {
  /** In lower case. */
  readonly name: string;
  readonly prefix: string;
}

/** Undefined for NONE. Unset is a bearer token: all presets take one. */
export function authHeader(scheme: AuthScheme): AuthHeader | undefined {
  switch (scheme) {
    case AuthScheme.NONE:
      return undefined;
    case AuthScheme.X_API_KEY:
      return { name: 'x-api-key', prefix: '' };
    case AuthScheme.API_KEY:
      return { name: 'api-key', prefix: '' };
    default:
      return { name: 'authorization', prefix: 'Bearer ' };
  }
}
