import type http from 'node:http';
import type http2 from 'node:http2';
import { cors as connectCors } from '@connectrpc/connect';

type Request = http.IncomingMessage | http2.Http2ServerRequest;
type Response = http.ServerResponse | http2.Http2ServerResponse;

/** How long a browser may remember the answer to a preflight, in seconds. */
const MAX_AGE_SECONDS = 7200;

const ALLOWED_METHODS = [...new Set(['GET', 'POST', ...connectCors.allowedMethods])].join(', ');
const EXPOSED_HEADERS = [
  ...connectCors.exposedHeaders,
  'request-id',
  'retry-after',
  'retry-after-ms',
  'x-request-id',
  'x-should-retry',
  'x-sluice-attempts',
  'x-sluice-cost-nano-usd',
  'x-sluice-model',
  'x-sluice-provider',
  'x-sluice-reason',
  'x-sluice-revision',
  'x-sluice-route',
  'x-sluice-warnings',
  'x-sluice-warnings-omitted',
].join(', ');

/**
 * Cross-origin rules for all doors alike (https://fetch.spec.whatwg.org/#http-cors-protocol). Without allowed origins it
 * does nothing. Credentials in the sense of cookies are never allowed; keys travel in headers.
 * Returns true where the request was a preflight, which is then answered.
 */
export function applyCors(origins: readonly string[], request: Request, response: Response): boolean {
  const { origin } = request.headers;
  if (origins.length === 0 || typeof origin !== 'string') return false;
  const any = origins.includes('*');
  if (!any) response.setHeader('vary', 'origin');
  if (!any && !origins.includes(origin)) return false;
  response.setHeader('access-control-allow-origin', any ? '*' : origin);
  response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
  const asked = request.headers['access-control-request-method'];
  if (request.method !== 'OPTIONS' || asked === undefined) return false;
  const headers = request.headers['access-control-request-headers'];
  response.setHeader('access-control-allow-methods', ALLOWED_METHODS);
  // SDKs send headers of their own making; none of them reaches a provider, so all may be sent.
  if (typeof headers === 'string') response.setHeader('access-control-allow-headers', headers);
  response.setHeader('access-control-max-age', String(MAX_AGE_SECONDS));
  response.statusCode = 204;
  response.end();
  return true;
}
