import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * What an address is to the egress guard: global can be reached by anybody, private is loopback or a private network,
 * never is everything that no provider can live at, metadata services of clouds among it.
 */
export type AddressClass = 'global' | 'private' | 'never';

/** Networks as base/prefix length. */
type Networks = readonly string[];

/** Loopback and RFC 1918. Not 100.64.0.0/10, which carriers share and where one cloud keeps its metadata service. */
const PRIVATE_IPV4: Networks = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** The IANA IPv4 special-purpose registry, without what PRIVATE_IPV4 holds, and what is not unicast. */
const NEVER_IPV4: Networks = [
  '0.0.0.0/8', // this host
  '100.64.0.0/10', // shared by carriers (RFC 6598)
  '168.63.129.16/32', // the platform's own services within Azure
  '169.254.0.0/16', // link-local, metadata services
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
];

/** Loopback and unique local addresses (RFC 4193). */
const PRIVATE_IPV6: Networks = ['::1/128', 'fc00::/7'];

/** Metadata services within the unique local range: Amazon's and Google's. */
const METADATA_IPV6: Networks = ['fd00:ec2::/32', 'fd20:ce::/32'];

/**
 * Where AWS gives credentials: to machines, to containers of ECS and to those of EKS, by IPv4 and IPv6. Exactly these, for
 * the link-local networks around them hold more.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
const AWS_CREDENTIALS_IPV4: Networks = ['169.254.169.254/32', '169.254.170.2/32', '169.254.170.23/32'];
const AWS_CREDENTIALS_IPV6: Networks = ['fd00:ec2::254/128', 'fd00:ec2::23/128'];

/** All that IANA has given out as global unicast (RFC 4291); what lies outside is refused, whatever it is. */
const GLOBAL_IPV6: Networks = ['2000::/3'];

/** Within 2000::/3, but special: the IANA IPv6 special-purpose registry. 6to4 and Teredo hide an IPv4 address. */
const NEVER_IPV6: Networks = [
  '2001::/23', // protocol assignments: Teredo, ORCHID, benchmarks
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3ffe::/16', // the former 6bone
  '3fff::/20', // documentation
];

function listOf(networks: Networks, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', bits] = network.split('/');
    list.addSubnet(base, Number(bits), family);
  }
  return list;
}

// One list for each family: a BlockList takes IPv4 addresses for members of ::ffff:0:0/96.
const privateIpv4 = listOf(PRIVATE_IPV4, 'ipv4');
const neverIpv4 = listOf(NEVER_IPV4, 'ipv4');
const privateIpv6 = listOf(PRIVATE_IPV6, 'ipv6');
const globalIpv6 = listOf(GLOBAL_IPV6, 'ipv6');
const neverIpv6 = listOf([...METADATA_IPV6, ...NEVER_IPV6], 'ipv6');
const awsCredentialsIpv4 = listOf(AWS_CREDENTIALS_IPV4, 'ipv4');
const awsCredentialsIpv6 = listOf(AWS_CREDENTIALS_IPV6, 'ipv6');

/** Classifies an IPv4 or IPv6 address in any spelling of text; anything else, zones included, is never. */
export function classifyAddress(address: string): AddressClass {
  if (isIPv4(address)) return classifyIpv4(address);
  if (!isIPv6(address) || address.includes('%')) return 'never';
  const mapped = mappedIpv4(address);
  if (mapped !== undefined) return classifyIpv4(mapped);
  if (neverIpv6.check(address, 'ipv6')) return 'never';
  if (privateIpv6.check(address, 'ipv6')) return 'private';
  return globalIpv6.check(address, 'ipv6') ? 'global' : 'never';
}

/** Whether an address is global unicast: one that any host on the internet can have. */
export function isGlobalAddress(address: string): boolean {
  return classifyAddress(address) === 'global';
}

/** Whether AWS gives credentials at the address. They are never addresses of a provider. */
export function isAwsMetadataAddress(address: string): boolean {
  if (isIPv4(address)) return awsCredentialsIpv4.check(address, 'ipv4');
  return isIPv6(address) && !address.includes('%') && awsCredentialsIpv6.check(address, 'ipv6');
}

function classifyIpv4(address: string): AddressClass {
  if (neverIpv4.check(address, 'ipv4')) return 'never';
  return privateIpv4.check(address, 'ipv4') ? 'private' : 'global';
}

/** The IPv4 address within ::ffff:0:0/96, which sockets connect to; undefined for other addresses. */
function mappedIpv4(address: string): string | undefined {
  // URL writes every spelling of an IPv6 address in the one form of RFC 5952, with hexadecimal groups only.
  const match = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(new URL(`http://[${address}]/`).hostname);
  if (match === null) return undefined;
  const high = Number.parseInt(match[1] ?? '', 16);
  const low = Number.parseInt(match[2] ?? '', 16);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
