import { join } from 'node:path';
import type { AwsKeys } from '../../config/snapshot.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { AuthDeps } from './auth-deps.ts';
import { awsKeys } from './aws-temporary-keys.ts';

type Settings = ReadonlyMap<string, string>;

/** Ways of a profile that are not followed: they start programs, open browsers or take another role. */
const REFUSED_SETTINGS = [
  'credential_process',
  'sso_session',
  'sso_start_url',
  'login_session',
  'role_arn',
  'credential_source',
];

/**
 * The static keys of a profile in AWS's credentials or config file; undefined where no profile was asked for and the
 * files have no default one: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 * Throws AttemptError CREDENTIAL_REJECTED, which names the profile and never what it holds.
 */
export async function profileKeys(deps: AuthDeps, profile: string | undefined): Promise<AwsKeys | undefined> {
  const name = profile ?? (deps.env.AWS_PROFILE || undefined);
  const settings = await readProfile(deps, name ?? 'default');
  if (settings === undefined) {
    if (name === undefined) return undefined;
    throw refused(`the files of AWS have no profile "${name}"`);
  }
  const id = settings.get('aws_access_key_id') ?? '';
  const secret = settings.get('aws_secret_access_key') ?? '';
  if (id !== '' && secret !== '') return awsKeys(id, secret, settings.get('aws_session_token') ?? '');
  const way = REFUSED_SETTINGS.find((setting) => settings.has(setting));
  if (way !== undefined) {
    throw refused(`the profile "${name ?? 'default'}" uses ${way}, and Sluice takes only static keys from a profile`);
  }
  if (name === undefined) return undefined;
  throw refused(`the profile "${name}" has no aws_access_key_id and aws_secret_access_key`);
}

/** What both files say of a profile; the credentials file goes before. */
async function readProfile({ env, readFile, homeFolder }: AuthDeps, name: string): Promise<Settings | undefined> {
  const read = (path: string): Promise<string> => readFile(path).catch(() => '');
  const [credentials, config] = await Promise.all([
    read(env.AWS_SHARED_CREDENTIALS_FILE || join(homeFolder, '.aws', 'credentials')),
    read(env.AWS_CONFIG_FILE || join(homeFolder, '.aws', 'config')),
  ]);
  const ofConfig = parseSections(config).get(name === 'default' ? 'default' : `profile ${name}`);
  const ofCredentials = parseSections(credentials).get(name);
  if (ofConfig === undefined && ofCredentials === undefined) return undefined;
  return new Map([...(ofConfig ?? []), ...(ofCredentials ?? [])]);
}

/** Sections of "name = value" lines. Indented lines belong to the value above, which here is never one of interest. */
function parseSections(text: string): ReadonlyMap<string, Settings> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    if (heading !== undefined) {
      const name = heading.replace(/\s+/g, ' ');
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      continue;
    }
    const setting = /^([^\s#;=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (setting !== null) section?.set((setting[1] ?? '').toLowerCase(), setting[2] ?? '');
  }
  return sections;
}

function refused(why: string): AttemptError {
  return new AttemptError('CREDENTIAL_REJECTED', `No credential could be had: ${why}.`);
}
