import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules', '.bin');
const PYTHON_PLUGIN = 'clients/python/.venv/bin/protoc-gen-py';

/** Something that is generated from proto/. */
export interface GeneratedTarget {
  /** The folder or file that is made, from the repository's root. */
  readonly path: string;
  /** What makes it, given the folder to make it below. */
  readonly command: (output: string) => readonly string[];
  /** Why it cannot be made on this machine; undefined where it can. Only the clients of other languages have one. */
  readonly missing?: () => string | undefined;
}

/** Everything that is generated. The schema comes after the code that it is made from. */
export const TARGETS: readonly GeneratedTarget[] = [
  { path: 'gen', command: bufGenerate('buf.gen.yaml') },
  { path: 'clients/ts/src/gen', command: bufGenerate('buf.gen.client-ts.yaml') },
  {
    path: 'sluice.schema.json',
    command: (output) => [process.execPath, 'scripts/config-schema.ts', join(output, 'sluice.schema.json')],
  },
  {
    path: 'clients/go/gen',
    command: bufGenerate('buf.gen.go.yaml'),
    missing: () => (start(['go', 'version']).status === 0 ? undefined : 'go is not on the path'),
  },
  {
    path: 'clients/python/src/sluice_client/gen',
    command: bufGenerate('buf.gen.python.yaml'),
    missing: () => (existsSync(join(ROOT, PYTHON_PLUGIN)) ? undefined : `${PYTHON_PLUGIN} is not installed`),
  },
];

function bufGenerate(template: string): GeneratedTarget['command'] {
  return (output) => [join(BIN, 'buf'), 'generate', '--template', template, '--output', output];
}

/**
 * Makes one target below a folder: the repository itself, or another to compare with. The same contract gives the same
 * bytes; nothing is fetched but Go's own modules, where they are missing. Throws an Error with the tool's own words.
 */
export function generate({ command }: GeneratedTarget, output = ROOT): void {
  const words = command(output);
  const { error, status, stdout, stderr } = start(words);
  if (error !== undefined) throw new Error(`${words[0]} cannot be started; run npm ci first`, { cause: error });
  if (status !== 0) throw new Error(`${words.join(' ')} failed:\n${stdout}${stderr}`.trimEnd());
}

function start([program = '', ...args]: readonly string[]): ReturnType<typeof spawnSync> {
  // buf finds its plugins, and its own launcher finds Node, by the path.
  const env = { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}` };
  return spawnSync(program, args, { cwd: ROOT, encoding: 'utf8', env });
}

if (import.meta.main) {
  try {
    for (const target of TARGETS) {
      const missing = target.missing?.();
      if (missing === undefined) generate(target);
      else console.log(`${target.path} is left as it is: ${missing}`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
