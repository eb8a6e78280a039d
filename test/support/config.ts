import { type LoadConfigInput, type LoadConfigResult, loadConfig } from '../../server/config/load-config.ts';
import { formatProblem, type Problem } from '../../server/config/problems.ts';
import { createSecretResolver } from '../../server/config/secret-resolver.ts';
import type { Snapshot } from '../../server/config/snapshot.ts';

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
