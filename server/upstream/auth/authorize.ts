import type { Upstream } from '../upstream.ts';
import type { AuthDeps } from './auth-deps.ts';
import { CredentialPool } from './credential-pool.ts';

/**
 * The same upstream, with the credentials of requests that have an `auth`: made, signed or fetched right before sending.
 * Where none can be had, send throws AttemptError CREDENTIAL_REJECTED, or CONNECTION or TIMEOUT where a server that gives
 * them cannot be reached. An abort ends the wait of its call alone, never what others wait for too.
 */
export function withAuthorization(upstream: Upstream, deps: Omit<AuthDeps, 'upstream'>): Upstream {
  const pool = new CredentialPool({ ...deps, upstream });
  return {
    async send(request, options) {
      const { auth } = request;
      if (auth === undefined) return upstream.send(request, options);
      const credential = pool.of(auth, request.allowPrivateAddress);
      const authorization = await credential.authorize(request, options.signal);
      const headers = { ...request.headers, ...authorization.headers };
      const response = await upstream.send({ ...request, headers }, options);
      authorization.answered(response);
      return response;
    },
    close: () => upstream.close(),
  };
}
