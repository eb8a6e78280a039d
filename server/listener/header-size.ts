import type http from 'node:http';
import type http2 from 'node:http2';
import { LIMITS } from './limits.ts';

type Request = http.IncomingMessage | http2.Http2ServerRequest;
type Response = http.ServerResponse | http2.Http2ServerResponse;

/** What RFC 9113, section 6.5.2, adds for each field. */
const FIELD_OVERHEAD = 32;

/**
 * Refuses, with 431, headers larger than the limit over HTTP/2, where the limit is told to clients and nothing holds them to
 * it. HTTP/1.1's parser does so itself. True where the request was refused.
 */
export function refuseLargeHeaders(request: Request, response: Response): boolean {
  if (request.httpVersionMajor === 1) return false;
  let bytes = 0;
  for (const text of request.rawHeaders) bytes += text.length + FIELD_OVERHEAD / 2;
  if (bytes <= LIMITS.headerBytes) return false;
  response.statusCode = 431;
  response.end();
  return true;
}
