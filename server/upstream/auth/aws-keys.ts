import type { AwsKeys, ProviderAuth } from '../../config/snapshot.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { AuthDeps } from './auth-deps.ts';
import { containerKeys } from './aws-container-keys.ts';
import { instanceKeys } from './aws-instance-keys.ts';
import { profileKeys } from './aws-profile.ts';
import { awsKeys } from './aws-temporary-keys.ts';
import { webIdentityKeys } from './aws-web-identity-keys.ts';
import type { Lease } from './renewal.ts';

type AwsAuth = Extract<ProviderAuth, { kind: 'aws-sigv4' }>;

/** One place where keys may be; undefined where they are not. */
type Source = () => Promise<Lease<AwsKeys> | undefined>;

/**
 * Keys of AWS from the first place that has some: the configuration; the profile that it names, and then nowhere else; the
 * environment; a web identity; the profile files; the container; the machine. What is set up and does not work is told
 * and not passed over. Throws AttemptError.
 */
export async function findAwsKeys(deps: AuthDeps, auth: AwsAuth, signal: AbortSignal): Promise<Lease<AwsKeys>> {
  if (auth.keys !== undefined) return lasting(auth.keys);
  const fromProfile: Source = async () => {
    const keys = await profileKeys(deps, auth.profile);
    return keys === undefined ? undefined : lasting(keys);
  };
  const usual: readonly Source[] = [
    async () => environmentKeys(deps),
    () => webIdentityKeys(deps, { region: auth.region, signal }),
    fromProfile,
    () => containerKeys(deps, signal),
    () => machineKeys(deps, signal),
  ];
  for (const source of auth.profile === undefined ? usual : [fromProfile]) {
    const found = await source();
    if (found !== undefined) return found;
  }
  throw new AttemptError('CREDENTIAL_REJECTED', `${NOWHERE}.`);
}

const NOWHERE =
  'No credential could be had: no keys of AWS are in the configuration, the environment, a profile or a container';

/** Off Amazon's machines this is where the search ends, so the message says what it has come to. */
async function machineKeys(deps: AuthDeps, signal: AbortSignal): Promise<Lease<AwsKeys> | undefined> {
  try {
    return await instanceKeys(deps, signal);
  } catch (cause) {
    if (!(cause instanceof AttemptError) || !UNREACHED.has(cause.failure)) throw cause;
    const message = `${NOWHERE}, and the machine's metadata service does not answer.`;
    throw new AttemptError(cause.failure, message, { cause });
  }
}

const UNREACHED: ReadonlySet<string> = new Set(['CONNECTION', 'TIMEOUT']);

/** They may change where they come from; a provider that refuses them has them looked up again. */
function lasting(keys: AwsKeys): Lease<AwsKeys> {
  return { value: keys, expiresAtMs: undefined };
}

function environmentKeys({ env }: AuthDeps): Lease<AwsKeys> | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  return id && secret ? lasting(awsKeys(id, secret, token ?? '')) : undefined;
}
