import { clone } from '@bufbuild/protobuf';
import { type Config, ConfigSchema, type Provider } from '../../gen/sluice/config/v1/config_pb.ts';
import type { KeyRecord } from '../auth/key-ring.ts';
import { compileKeys } from './compile-keys.ts';
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
  /** The provider where neither the file nor the environment names any; asked for only then. */
  readonly builtInProvider?: () => Promise<Provider>;
  /** The key where the file names none; asked for only then, and only once all else is right. */
  readonly firstKey?: () => Promise<KeyRecord>;
}

export type LoadConfigResult =
  | { readonly kind: 'ok'; readonly snapshot: Snapshot }
  /** At least one. */
  | { readonly kind: 'bad'; readonly problems: readonly Problem[] };

const NO_FILE = 'built-in configuration';

/** Loads, parses, validates and compiles a configuration. Whatever is wrong with it, all of it is told; never rejects. */
export async function loadConfig(input: LoadConfigInput): Promise<LoadConfigResult> {
  const file = input.path ?? NO_FILE;
  let text = '';
  try {
    if (input.path !== undefined) text = await input.readFile(input.path);
  } catch (error) {
    return bad(file, '', `The file cannot be read${errorCode(error)}.`);
  }
  const tree = parseYaml(text);
  const decoded = decodeConfig(tree);
  return compile(input, { file, tree, decoded });
}

async function compile(input: LoadConfigInput, read: ReadFile): Promise<LoadConfigResult> {
  const config = await withProviders(input, read.decoded.config);
  // Where there is no tree, what an empty configuration lacks is beside the point.
  const readable = read.tree.errors.length === 0;
  const { secrets, findings } = await resolveSecrets(config, input.resolver);
  const keys = compileKeys(config.keys, secrets);
  const all = readable ? [...validateConfig(config), ...findings, ...keys.findings] : [];
  const problems = placeFindings(read, all);
  if (problems.length > 0) return { kind: 'bad', problems };
  let records = keys.records;
  try {
    if (records.length === 0 && input.firstKey !== undefined) records = [await input.firstKey()];
  } catch (error) {
    return bad(read.file, 'keys', error instanceof Error ? error.message : String(error));
  }
  const bareModels = input.path === undefined;
  return { kind: 'ok', snapshot: compileSnapshot({ config, secrets, keys: records, nowMs: input.nowMs, bareModels }) };
}

async function withProviders(input: LoadConfigInput, config: Config): Promise<Config> {
  if (config.providers.length > 0) return config;
  const providers = [...defaultProviders(input.env)];
  if (providers.length === 0 && input.builtInProvider !== undefined) providers.push(await input.builtInProvider());
  const filled = clone(ConfigSchema, config);
  filled.providers = providers;
  return filled;
}

function bad(file: string, path: string, message: string): LoadConfigResult {
  return { kind: 'bad', problems: [{ file, line: 1, column: 1, path, message }] };
}
