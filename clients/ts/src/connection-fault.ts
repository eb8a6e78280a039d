import { Code, type ConnectError } from '@connectrpc/connect';

/** How far a call came whose connection failed: never to the gateway, or perhaps. */
export type ConnectionFault = 'not_sent' | 'broken';

/** What Node calls a connection that was never made. EAI_AGAIN and ENOTFOUND are the resolver's. */
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);

/** System calls that come before the first byte of a request. */
const CONNECTING = new Set(['connect', 'getaddrinfo']);

/** Errors of sockets and of the HTTP layers above them. Not of certificates: another try does not mend those. */
const SOCKET_CODE = /^(E[A-Z0-9]+$|ERR_STREAM_|ERR_HTTP2_|UND_ERR_)/;

/**
 * Reads how the connection failed from what a transport threw; undefined where something else is wrong.
 * Node's errors say it by code and syscall, somewhere along the causes. Browsers say only TypeError, which may hide
 * anything between an unknown host and a lost answer.
 */
export function connectionFault(error: ConnectError): ConnectionFault | undefined {
  const links = causes(error);
  const codes = links.map((link) => textMember(link, 'code'));
  const notConnected = codes.some((code) => NOT_CONNECTED.has(code));
  if (notConnected || links.some((link) => CONNECTING.has(textMember(link, 'syscall')))) return 'not_sent';
  if (codes.some((code) => SOCKET_CODE.test(code))) return 'broken';
  if (error.code === Code.Unavailable) return 'broken';
  return error.code === Code.Unknown && error.cause instanceof TypeError ? 'broken' : undefined;
}

function causes(error: Error): Error[] {
  const links: Error[] = [];
  for (let link: unknown = error; link instanceof Error && !links.includes(link); link = link.cause) links.push(link);
  return links;
}

/** A ConnectError's own code is a number and so reads as empty. */
function textMember(error: object, name: string): string {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
}
