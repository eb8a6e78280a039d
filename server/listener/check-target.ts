import type http from 'node:http';
import type http2 from 'node:http2';

type Request = http.IncomingMessage | http2.Http2ServerRequest;
type Response = http.ServerResponse | http2.Http2ServerResponse;

/** A name, an IPv4 address or a bracketed IPv6 address, with or without a port (RFC 9110, section 7.2). */
const AUTHORITY = /^(?:[a-z0-9](?:[a-z0-9._-]{0,253})|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/i;

/** A path and a query of visible ASCII (RFC 9112, section 3.2.1), not beginning like an authority. */
const ORIGIN_FORM = /^\/(?!\/)[\x21-\x7e]*$/;

/**
 * Refuses, with 400, a request whose Host, :authority or target is not what HTTP says. Nothing behind this need be afraid
 * of them: adapters build URLs from these texts, and some of them end the process. True where the request was refused.
 */
export function refuseBadTarget(request: Request, response: Response): boolean {
  const authority = request.headers[':authority'] ?? request.headers.host;
  if (isAuthority(authority) && !hasTwoHosts(request) && ORIGIN_FORM.test(request.url ?? '')) return false;
  response.statusCode = 400;
  response.setHeader('content-type', 'application/json');
  if (request.httpVersionMajor === 1) response.setHeader('connection', 'close');
  response.end(
    '{"error":{"message":"The host or the target of the request is malformed.","type":"invalid_request_error","param":null,"code":"invalid_value"}}',
  );
  return true;
}

/** Node takes the first of several, a proxy in front may take the last (RFC 9112, section 3.2). */
function hasTwoHosts({ rawHeaders }: Request): boolean {
  const isHost = (name: string | undefined): boolean => name?.length === 4 && name.toLowerCase() === 'host';
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (isHost(rawHeaders[at])) hosts += 1;
  return hosts > 1;
}

function isAuthority(value: string | string[] | undefined): boolean {
  const match = typeof value === 'string' ? AUTHORITY.exec(value) : null;
  return match !== null && Number(match[1] ?? 0) <= 65_535;
}
