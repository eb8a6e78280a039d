import type { ProviderAuth } from '../../config/snapshot.ts';
import type { Secret } from '../../core/secret.ts';
import type { UpstreamRequest, UpstreamResponse } from '../upstream.ts';
import type { AuthDeps } from './auth-deps.ts';
import { findAwsKeys } from './aws-keys.ts';
import { signAws } from './aws-sigv4.ts';
import { entraToken } from './entra-token.ts';
import { googleToken } from './google-token.ts';
import { type Lease, Renewal } from './renewal.ts';

/** What authorizes one request. */
export interface Authorization {
  /** To be set on the request. Never log them. */
  readonly headers: Readonly<Record<string, string>>;
  /** To be told what became of it: a credential that was refused is not used again. */
  answered(response: UpstreamResponse): void;
}

/** A credential of one provider, kept fresh. */
export interface Credential {
  /** Throws AttemptError, or the signal's reason. */
  authorize(request: UpstreamRequest, signal: AbortSignal): Promise<Authorization>;
}

/** Of those of one auth; which addresses its token servers may have is the provider's. */
export function createCredential(deps: AuthDeps, auth: ProviderAuth, allowPrivateAddress: boolean): Credential {
  switch (auth.kind) {
    case 'aws-sigv4':
      return signing(deps, auth);
    case 'google-service-account':
      return bearing(deps, (signal) => googleToken(deps, { ...auth, allowPrivateAddress }, signal));
    case 'entra':
      return bearing(deps, (signal) => entraToken(deps, { ...auth, allowPrivateAddress }, signal));
  }
}

function bearing(deps: AuthDeps, obtain: (signal: AbortSignal) => Promise<Lease<Secret>>): Credential {
  const renewal = new Renewal({ ...deps, obtain });
  return {
    async authorize(_request, signal) {
      const token = await renewal.get(signal);
      return {
        headers: { authorization: `Bearer ${token.reveal()}` },
        answered({ status }) {
          if (status === 401) renewal.refuse(token);
        },
      };
    },
  };
}

/** The service that Bedrock's signatures are for, whatever its host is called. */
const AWS_SERVICE = 'bedrock';

/** Errors of AWS about the keys themselves; other refusals with 403 are about what they may do. */
const KEYS_REFUSED = /^(?:ExpiredToken|UnrecognizedClient|InvalidClientTokenId)/;

function signing(deps: AuthDeps, auth: Extract<ProviderAuth, { kind: 'aws-sigv4' }>): Credential {
  const renewal = new Renewal({ ...deps, obtain: (signal) => findAwsKeys(deps, auth, signal) });
  return {
    async authorize(request, signal) {
      const keys = await renewal.get(signal);
      return {
        headers: signAws(request, keys, { region: auth.region, service: AWS_SERVICE, atMs: deps.clock.now() }),
        answered({ status, headers }) {
          if (status === 401 || (status === 403 && KEYS_REFUSED.test(headers['x-amzn-errortype'] ?? ''))) {
            renewal.refuse(keys);
          }
        },
      };
    },
  };
}
