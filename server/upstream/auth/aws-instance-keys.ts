import type { AwsKeys } from '../../config/snapshot.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { UpstreamRequest } from '../upstream.ts';
import { ask, type Reply, refusalOf } from './ask.ts';
import type { AuthDeps } from './auth-deps.ts';
import { readTemporaryKeys } from './aws-temporary-keys.ts';
import type { Lease } from './renewal.ts';

const ENDPOINT = 'http://169.254.169.254';
const ENDPOINT_IPV6 = 'http://[fd00:ec2::254]';

const ROLES = '/latest/meta-data/iam/security-credentials/';

/** Off Amazon's machines nothing answers there, and callers wait for it. */
const CONNECT_TIMEOUT_MS = 1_000;
const TOKEN_LIFE_S = 300;

/**
 * The keys of the role of an EC2 machine, by version 2 of its metadata service; undefined where that is switched off:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 * Throws AttemptError.
 */
export async function instanceKeys(deps: AuthDeps, signal: AbortSignal): Promise<Lease<AwsKeys> | undefined> {
  if (deps.env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return undefined;
  const endpoint = endpointOf(deps);
  const to = (path: string, rest: Pick<UpstreamRequest, 'method' | 'headers'>): UpstreamRequest => ({
    url: new URL(path, endpoint),
    // An endpoint of the operator's own may be a proxy on this machine.
    allowPrivateAddress: endpoint.origin !== ENDPOINT && endpoint.origin !== ENDPOINT_IPV6,
    allowMetadataAddress: true,
    ...rest,
  });
  const send = async (request: UpstreamRequest): Promise<Reply> => {
    const reply = await ask(deps.upstream, request, { signal, connectTimeoutMs: CONNECT_TIMEOUT_MS });
    if (reply.status !== 200 || reply.text.trim() === '') throw refusalOf(request, reply);
    return reply;
  };
  const session = { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_LIFE_S) };
  const token = (await send(to('/latest/api/token', { method: 'PUT', headers: session }))).text.trim();
  const headers = { 'x-aws-ec2-metadata-token': token };
  const role = (await send(to(ROLES, { method: 'GET', headers }))).text.split('\n', 1)[0]?.trim() ?? '';
  const request = to(`${ROLES}${encodeURIComponent(role)}`, { method: 'GET', headers });
  return readTemporaryKeys(request, await send(request));
}

function endpointOf({ env }: AuthDeps): URL {
  const given = env.AWS_EC2_METADATA_SERVICE_ENDPOINT || undefined;
  const usual = env.AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE?.toLowerCase() === 'ipv6' ? ENDPOINT_IPV6 : ENDPOINT;
  const url = URL.parse(given ?? usual);
  if (url !== null) return url;
  throw new AttemptError(
    'CREDENTIAL_REJECTED',
    'No credential could be had: AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL.',
  );
}
