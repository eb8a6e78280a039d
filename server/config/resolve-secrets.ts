import { AuthScheme, type Config, type Provider } from '../../gen/sluice/config/v1/config_pb.ts';
import type { Secret } from '../core/secret.ts';
import { PRESETS } from '../providers/presets.ts';
import { authSchemeOf, isMadeScheme } from './auth-header.ts';
import { isRegion, lacksRegion, REGION_VARIABLES } from './aws-region.ts';
import { isHeaderValue } from './check-providers.ts';
import { entryPath } from './config-path.ts';
import { readGoogleKey } from './google-key.ts';
import type { Finding } from './problems.ts';
import type { ResolvedSecret, SecretResolver } from './secret-resolver.ts';

export interface ResolvedSecrets {
  /** By the path of the field that refers to them, as in providers[0].credential. */
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly findings: readonly Finding[];
}

/** A field that needs a secret, and the references that may hold it: the first that does is taken. */
interface Wanted {
  readonly path: string;
  readonly references: readonly string[];
  /** What goes before the reason where there is none. */
  readonly preface: string;
  /** What is wrong with a value, in words that follow the reference; it never repeats the value. */
  readonly objection: (value: string) => string | undefined;
}

const headerObjection = (value: string): string | undefined =>
  isHeaderValue(value) ? undefined : 'is not a value that a header can carry';

const keyFileObjection = (value: string): string | undefined => {
  const read = readGoogleKey(value);
  return read.kind === 'ok' ? undefined : read.message;
};

const regionObjection = (value: string): string | undefined =>
  isRegion(value) ? undefined : 'is no region such as us-east-1';

/** Looks up every secret that a configuration refers to, so that all missing ones are told of at once. */
export async function resolveSecrets(config: Config, resolver: SecretResolver): Promise<ResolvedSecrets> {
  const wanted = [
    ...config.providers.flatMap((provider, index) => providerSecrets(provider, `providers[${index}]`)),
    ...config.keys.flatMap(({ secret }, index) => referenceAt(`keys[${index}].secret`, secret)),
  ];
  const found = await Promise.all(wanted.map(async (want) => ({ want, result: await lookUp(want, resolver) })));
  const secrets = new Map<string, Secret>();
  const findings: Finding[] = [];
  for (const { want, result } of found) {
    if (result.kind === 'ok') secrets.set(want.path, result.secret);
    else findings.push({ path: want.path, message: `${want.preface}${result.message}` });
  }
  return { secrets, findings };
}

function providerSecrets(provider: Provider, path: string): readonly Wanted[] {
  return [
    ...credentialOf(provider, `${path}.credential`),
    ...provider.credentials.flatMap(({ credential }, at) =>
      referenceAt(`${path}.credentials[${at}].credential`, credential, objectionOf(provider)),
    ),
    ...awsSecrets(provider, `${path}.aws`),
    ...Object.entries(provider.headers).flatMap(([name, value]) =>
      referenceAt(entryPath(`${path}.headers`, name), value),
    ),
  ];
}

/** Without a credential, a built-in provider takes its key from its usual environment variable. */
function credentialOf(provider: Provider, path: string): readonly Wanted[] {
  if (provider.authScheme === AuthScheme.NONE || provider.credentials.length > 0) return [];
  const scheme = authSchemeOf(provider);
  if (provider.credential !== '') return referenceAt(path, provider.credential, objectionOf(provider));
  // The usual variable holds a key for a header, never what tokens are made of.
  const variables = isMadeScheme(scheme) ? [] : (PRESETS.get(provider.preset)?.envVars ?? []);
  if (variables.length === 0) return [];
  const references = variables.map((name) => `env:${name}`);
  return [{ path, references, preface: `is missing, and `, objection: headerObjection }];
}

function objectionOf(provider: Provider): Wanted['objection'] {
  return authSchemeOf(provider) === AuthScheme.GOOGLE_SERVICE_ACCOUNT ? keyFileObjection : headerObjection;
}

function awsSecrets(provider: Provider, path: string): readonly Wanted[] {
  const { accessKeyId = '', secretAccessKey = '', sessionToken = '' } = provider.aws ?? {};
  const region: Wanted = {
    path: `${path}.region`,
    references: REGION_VARIABLES.map((name) => `env:${name}`),
    preface: 'is missing, and ',
    objection: regionObjection,
  };
  return [
    ...referenceAt(`${path}.access_key_id`, accessKeyId),
    ...referenceAt(`${path}.secret_access_key`, secretAccessKey),
    ...referenceAt(`${path}.session_token`, sessionToken),
    ...(lacksRegion(provider) ? [region] : []),
  ];
}

function referenceAt(path: string, value: string, objection = headerObjection): readonly Wanted[] {
  return isReference(value) ? [{ path, references: [value], preface: '', objection }] : [];
}

/** Whether a header's value stands elsewhere. */
export function isReference(value: string): boolean {
  return /^(?:env|file):./.test(value);
}

async function lookUp(want: Wanted, resolver: SecretResolver): Promise<ResolvedSecret> {
  const results = await Promise.all(want.references.map((reference) => resolver.resolve(reference)));
  const result = results.find(({ kind }) => kind === 'ok') ?? results[0];
  if (result === undefined) return { kind: 'missing', message: 'names nothing' };
  if (result.kind === 'missing') return result;
  const objection = want.objection(result.secret.reveal());
  if (objection === undefined) return result;
  return { kind: 'missing', message: `${want.references.join(', ')} ${objection}` };
}
