import type { AwsKeys } from '../../config/snapshot.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { UpstreamRequest } from '../upstream.ts';
import { ask, refusalOf } from './ask.ts';
import type { AuthDeps } from './auth-deps.ts';
import { leaseOf } from './aws-temporary-keys.ts';
import type { Lease } from './renewal.ts';

export interface WebIdentityOptions {
  readonly region: string;
  readonly signal: AbortSignal;
}

/**
 * The keys of a role that a token in a file stands for, as for service accounts of EKS; undefined where none is named:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * Throws AttemptError.
 */
export async function webIdentityKeys(
  deps: AuthDeps,
  { region, signal }: WebIdentityOptions,
): Promise<Lease<AwsKeys> | undefined> {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: path, AWS_ROLE_ARN: role, AWS_ROLE_SESSION_NAME: session } = deps.env;
  if (!path || !role) return undefined;
  const form = {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: session || 'sluice',
    WebIdentityToken: await readToken(deps, path),
  };
  const request: UpstreamRequest = {
    url: stsUrl(region),
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    allowPrivateAddress: false,
  };
  const reply = await ask(deps.upstream, request, { signal });
  const lease = reply.status === 200 ? leaseOf(readXml(reply.text)) : undefined;
  if (lease === undefined) throw refusalOf(request, reply, elementOf(reply.text, 'Code'));
  return lease;
}

function stsUrl(region: string): URL {
  return new URL(`https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`);
}

async function readToken({ readFile }: AuthDeps, path: string): Promise<string> {
  try {
    return (await readFile(path)).trim();
  } catch {
    throw new AttemptError(
      'CREDENTIAL_REJECTED',
      'No credential could be had: the file of AWS_WEB_IDENTITY_TOKEN_FILE cannot be read.',
    );
  }
}

function readXml(text: string) {
  return {
    accessKeyId: elementOf(text, 'AccessKeyId'),
    secretAccessKey: elementOf(text, 'SecretAccessKey'),
    sessionToken: elementOf(text, 'SessionToken'),
    expiration: elementOf(text, 'Expiration'),
  };
}

/** An element's text. Those of interest hold no entities: base64, times and codes. */
function elementOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([\\w.:+/=-]+)</${name}>`).exec(xml)?.[1] ?? '';
}
