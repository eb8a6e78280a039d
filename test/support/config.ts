import { type ConfigKeeper, openConfigKeeper } from '../../server/config/config-keeper.ts';
import {
  type LoadConfigInput,
  type LoadConfigResult,
  loadConfig,
  loadConfigText,
} from '../../server/config/load-config.ts';
import { formatProblem, type Problem } from '../../server/config/problems.ts';
import { createSecretResolver } from '../../server/config/secret-resolver.ts';
import type { Snapshot } from '../../server/config/snapshot.ts';
import { systemClock } from '../../server/core/clock.ts';
import { createMemoryConfigRevisions } from '../../server/stores/memory/memory-config-revisions.ts';

export interface ConfigBench {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Files besides sluice.yaml, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly more?: Partial<LoadConfigInput>;
}

/** Loads a text as sluice.yaml, with an environment and files of the test's own. */
export function loadText(
  text: string,
  { env = {}, files = {}, more = {} }: ConfigBench = {},
): Promise<LoadConfigResult> {
  const all: Readonly<Record<string, string>> = { ...files, 'sluice.yaml': text };
  const readFile = async (path: string): Promise<string> => {
    const found = all[path];
    if (found === undefined) throw Object.assign(new Error('no such file, and its secret'), { code: 'ENOENT' });
    return found;
  };
  const resolver = createSecretResolver({ env, readFile });
  return loadConfig({ path: 'sluice.yaml', env, readFile, resolver, nowMs: 1_000, ...more });
}

/** The snapshot of a text that is right. */
export async function snapshotOf(text: string, bench?: ConfigBench): Promise<Snapshot> {
  const result = await loadText(text, bench);
  if (result.kind === 'ok') return result.snapshot;
  throw new Error(result.problems.map(formatProblem).join('\n'));
}

/** The problems of a text; none where it is right. */
export async function problemsOf(text: string, bench?: ConfigBench): Promise<readonly Problem[]> {
  const result = await loadText(text, bench);
  return result.kind === 'bad' ? result.problems : [];
}

/** The problems of a text as people see them. */
export async function complaintsOf(text: string, bench?: ConfigBench): Promise<readonly string[]> {
  return (await problemsOf(text, bench)).map(formatProblem);
}

/** Holds a text that is right as if it were the file's, with a history in memory. */
export async function keeperOf(
  text: string,
  { env = {}, files = {}, more = {} }: ConfigBench = {},
): Promise<ConfigKeeper> {
  const readFile = async (path: string): Promise<string> => files[path] ?? Promise.reject(new Error('no such file'));
  const input = { env, readFile, resolver: createSecretResolver({ env, readFile }), nowMs: 1_000, ...more };
  const opened = await openConfigKeeper({
    readFile: async () => ({ kind: 'ok', text }),
    load: (_, yaml) => loadConfigText(input, { file: 'sluice.yaml', text: yaml }),
    store: createMemoryConfigRevisions(),
    latest: undefined,
    clock: systemClock,
    onUnrecorded: () => {},
  });
  if (opened.kind === 'ok') return opened.keeper;
  throw new Error(opened.problems.map(formatProblem).join('\n'));
}
