import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { AttemptError } from '../errors/attempt-error.ts';
import { classifyAddress, isAwsMetadataAddress } from './address-class.ts';

/** An address to connect to, as node:dns gives it. */
export interface Address {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a host name, in the order in which they are to be tried. */
export type Resolve = (hostname: string) => Promise<readonly Address[]>;

/** The system's resolver: /etc/hosts and DNS. */
export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true });

/** What a destination is judged by. */
export interface Destination {
  readonly url: URL;
  /** Lets loopback and private addresses pass. */
  readonly allowPrivateAddress: boolean;
  /** Lets the addresses pass where AWS gives credentials to machines and containers, and plain http to them. */
  readonly allowMetadataAddress?: boolean;
}

/**
 * Refuses what can be refused without a resolver, as AttemptError EGRESS_DENIED: other schemes than http and https,
 * credentials in the URL (they would end up in logs), and http to public hosts (the key would travel in clear).
 * Any port passes: the operator wrote the URL.
 */
export function checkUrl({ url, allowPrivateAddress, allowMetadataAddress = false }: Destination): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw denied(url, 'its scheme is neither https nor http');
  if (url.username !== '' || url.password !== '') throw denied(url, 'it has a user name or password in its URL');
  if (url.protocol === 'http:' && !allowPrivateAddress && !allowMetadataAddress) {
    throw denied(
      url,
      'plain http would send the credential in clear; use https, or allow_private_address within a network',
    );
  }
}

/**
 * Resolves a host, once, to addresses that may be connected to. Every address has to pass: one that does not refuses
 * all, since which one would be used is chance. To connect, use what this returns and never look the name up again:
 * another answer may come (DNS rebinding). Throws AttemptError EGRESS_DENIED, or what the resolver throws.
 */
export async function resolveChecked(destination: Destination, resolve: Resolve): Promise<readonly Address[]> {
  const { url } = destination;
  const hostname = hostnameOf(url);
  const family = isIP(hostname);
  const addresses = family === 0 ? await resolve(hostname) : [{ address: hostname, family }];
  if (addresses.length === 0) throw new AttemptError('CONNECTION', `${hostname} has no address.`);
  for (const { address } of addresses) {
    const objection = objectionTo(address, destination);
    if (objection !== undefined) throw denied(url, objection);
  }
  return addresses;
}

/** A URL's host without the brackets of IPv6. */
export function hostnameOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}

function objectionTo(address: string, destination: Destination): string | undefined {
  const { url, allowPrivateAddress, allowMetadataAddress = false } = destination;
  if (allowMetadataAddress && isAwsMetadataAddress(address)) return undefined;
  const kind = classifyAddress(address);
  if (kind === 'never') return `${address} is no address that a provider can have`;
  if (kind === 'private')
    return allowPrivateAddress ? undefined : `${address} is not public; see allow_private_address`;
  return url.protocol === 'https:'
    ? undefined
    : `${address} is public, and plain http would send the credential in clear`;
}

function denied(url: URL, why: string): AttemptError {
  return new AttemptError('EGRESS_DENIED', `The egress guard refused ${url.host || url.protocol}: ${why}.`);
}
