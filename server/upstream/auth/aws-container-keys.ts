import type { AwsKeys } from '../../config/snapshot.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import { classifyAddress, isAwsMetadataAddress } from '../address-class.ts';
import { hostnameOf } from '../egress-guard.ts';
import type { UpstreamRequest } from '../upstream.ts';
import { ask } from './ask.ts';
import type { AuthDeps } from './auth-deps.ts';
import { readTemporaryKeys } from './aws-temporary-keys.ts';
import type { Lease } from './renewal.ts';

const ECS_HOST = 'http://169.254.170.2';

/**
 * The keys of a container of ECS or EKS; undefined outside of one:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 * Throws AttemptError.
 */
export async function containerKeys(deps: AuthDeps, signal: AbortSignal): Promise<Lease<AwsKeys> | undefined> {
  const url = urlOf(deps);
  if (url === undefined) return undefined;
  const token = await tokenOf(deps);
  const request: UpstreamRequest = {
    url,
    method: 'GET',
    headers: { accept: 'application/json', ...(token === '' ? {} : { authorization: token }) },
    allowPrivateAddress: isLoopback(url),
    allowMetadataAddress: url.protocol === 'http:',
  };
  return readTemporaryKeys(request, await ask(deps.upstream, request, { signal }));
}

function urlOf({ env }: AuthDeps): URL | undefined {
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || undefined;
  const full = env.AWS_CONTAINER_CREDENTIALS_FULL_URI || undefined;
  if (relative !== undefined) {
    // Joined, not resolved: "//host/path" would name another host, as would "@host" without a slash.
    if (relative.startsWith('/')) return new URL(`${ECS_HOST}${relative}`);
    throw refused('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path');
  }
  if (full === undefined) return undefined;
  const url = URL.parse(full);
  if (url?.protocol === 'https:') return url;
  if (url?.protocol === 'http:' && (isLoopback(url) || isAwsMetadataAddress(hostnameOf(url)))) return url;
  throw refused('AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of this machine, ECS or EKS');
}

/** Plain http is for this machine alone: not for private networks, which the egress guard would let pass with loopback. */
function isLoopback(url: URL): boolean {
  const host = hostnameOf(url);
  return host === 'localhost' || host === '::1' || (host.startsWith('127.') && classifyAddress(host) === 'private');
}

async function tokenOf({ env, readFile }: AuthDeps): Promise<string> {
  const path = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE || undefined;
  const token = path === undefined ? (env.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '') : await read(readFile, path);
  if (/^[\x20-\x7e]*$/.test(token)) return token;
  throw refused('the authorization token for container credentials is not a value that a header can carry');
}

async function read(readFile: AuthDeps['readFile'], path: string): Promise<string> {
  try {
    return (await readFile(path)).trim();
  } catch {
    throw refused('the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read');
  }
}

function refused(why: string): AttemptError {
  return new AttemptError('CREDENTIAL_REJECTED', `No credential could be had: ${why}.`);
}
