import { clone } from '@bufbuild/protobuf';
import { type Config, ConfigSchema, type Provider } from '../../gen/sluice/config/v1/config_pb.ts';
import type { KeyRecord } from '../auth/key-ring.ts';
import { createCatalogue, type ReadCatalogue } from '../catalogue/catalogue.ts';
import { compileKeys } from './compile-keys.ts';
import { compileModels } from './compile-models.ts';
import { compileSnapshot } from './compile-snapshot.ts';
import { decodeConfig } from './decode-config.ts';
import { defaultProviders } from './default-config.ts';
import { parseYaml } from './parse-yaml.ts';
import { placeFindings, type ReadFile } from './place-findings.ts';
import type { Problem } from './problems.ts';
import { resolveSecrets } from './resolve-secrets.ts';
import { type Environment, errorCode, type SecretResolver } from './secret-resolver.ts';
import type { Snapshot } from './snapshot.ts';
import { validateConfig } from './validate-config.ts';

export interface LoadConfigInput {
  /** Undefined where no file configures Sluice: the environment alone then does. */
  readonly path: string | undefined;
  readonly env: Environment;
  readonly readFile: (path: string) => Promise<string>;
  readonly resolver: SecretResolver;
  readonly nowMs: number;
  /** The built-in catalogue. Undefined: nothing is known but what the file says. */
  readonly readCatalogue?: ReadCatalogue;
  /** The provider where neither the file nor the environment names any; asked for only then. */
  readonly builtInProvider?: () => Promise<Provider>;
  /** The key where the file names none; asked for only then, and only once all else is right. */
  readonly firstKey?: () => Promise<KeyRecord>;
}

/** A configuration that is right. */
export interface LoadedConfig {
  readonly snapshot: Snapshot;
  /** The text and what the environment adds to it. */
  readonly config: Config;
  /** As it was written. */
  readonly text: string;
}

/** What is wrong with a configuration. */
export interface BadConfig {
  readonly kind: 'bad';
  /** At least one. */
  readonly problems: readonly Problem[];
}

export type LoadConfigResult = ({ readonly kind: 'ok' } & LoadedConfig) | BadConfig;

/** A text to load. */
export interface ConfigText {
  /** What findings call it; undefined where no file configures Sluice. */
  readonly file: string | undefined;
  readonly text: string;
}

const NO_FILE = 'built-in configuration';

/** Loads, parses, validates and compiles a configuration. Whatever is wrong with it, all of it is told; never rejects. */
export async function loadConfig(input: LoadConfigInput): Promise<LoadConfigResult> {
  const read = await readConfigText(input.path, input.readFile);
  return read.kind === 'bad' ? read : loadConfigText(input, { file: input.path, text: read.text });
}

/** The text of the file; the empty text where there is none. Never rejects. */
export async function readConfigText(
  path: string | undefined,
  readFile: LoadConfigInput['readFile'],
): Promise<{ readonly kind: 'ok'; readonly text: string } | BadConfig> {
  try {
    return { kind: 'ok', text: path === undefined ? '' : await readFile(path) };
  } catch (error) {
    return bad(path ?? NO_FILE, '', `The file cannot be read${errorCode(error)}.`);
  }
}

/** The same for a text that has been read already. */
export async function loadConfigText(
  input: Omit<LoadConfigInput, 'path'>,
  { file, text }: ConfigText,
): Promise<LoadConfigResult> {
  // A file is empty for a moment when it is written anew; taking that for a configuration would lock every key out.
  if (file !== undefined && text.trim() === '') return bad(file, '', 'The file is empty.');
  const tree = parseYaml(text);
  const decoded = decodeConfig(tree);
  return compile({ ...input, path: file }, { file: file ?? NO_FILE, tree, decoded }, text);
}

async function compile(input: LoadConfigInput, read: ReadFile, text: string): Promise<LoadConfigResult> {
  const { tree, decoded } = read;
  // Without a whole tree, or a list of providers, what else seems to be wrong is beside the point.
  const isBeyondMore = (path: string): boolean => path === '' || path === 'providers';
  if (tree.errors.length > 0 || decoded.findings.some(({ path }) => isBeyondMore(path))) {
    return { kind: 'bad', problems: placeFindings(read, []) };
  }
  const filled = await askFor(read.file, 'providers', () => withProviders(input, decoded.config));
  if (filled.kind === 'bad') return filled;
  const config = filled.value;
  const { secrets, findings } = await resolveSecrets(config, input.resolver);
  const keys = compileKeys(config.keys, secrets);
  const models = await compileModels(config, input.readFile);
  const problems = placeFindings(read, [...validateConfig(config), ...findings, ...keys.findings, ...models.findings]);
  if (problems.length > 0) return { kind: 'bad', problems };
  const records = await askFor(read.file, 'keys', () => withKeys(input, keys.records));
  if (records.kind === 'bad') return records;
  const { nowMs } = input;
  const bareModels = input.path === undefined;
  const catalogue = createCatalogue(models.sections, input.readCatalogue ?? (() => undefined));
  const { digests } = models;
  const snapshot = compileSnapshot({ config, secrets, keys: records.value, catalogue, digests, nowMs, bareModels });
  return { kind: 'ok', snapshot, config, text };
}

async function withProviders(input: LoadConfigInput, config: Config): Promise<Config> {
  if (config.providers.length > 0) return config;
  const providers = [...defaultProviders(input.env)];
  if (providers.length === 0 && input.builtInProvider !== undefined) providers.push(await input.builtInProvider());
  const filled = clone(ConfigSchema, config);
  filled.providers = providers;
  return filled;
}

async function withKeys(input: LoadConfigInput, keys: readonly KeyRecord[]): Promise<readonly KeyRecord[]> {
  return keys.length > 0 || input.firstKey === undefined ? keys : [await input.firstKey()];
}

/** What the caller's own function gives; its failure is a problem of the configuration that needs it. */
async function askFor<T>(
  file: string,
  path: string,
  ask: () => Promise<T>,
): Promise<{ readonly kind: 'ok'; readonly value: T } | BadConfig> {
  try {
    return { kind: 'ok', value: await ask() };
  } catch (error) {
    return bad(file, path, error instanceof Error ? error.message : String(error));
  }
}

function bad(file: string, path: string, message: string): BadConfig {
  return { kind: 'bad', problems: [{ file, line: 1, column: 1, path, message }] };
}
