import { spawnSync } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules', '.bin');

/** One template for each language and place, beside this repository's buf.yaml. */
const TEMPLATES: readonly string[] = ['buf.gen.yaml', 'buf.gen.client-ts.yaml'];

/**
 * Makes everything that is generated from proto/, below a folder that is the repository itself unless another is given.
 * The same contract gives the same bytes; nothing is fetched. Throws an Error with the tool's own words.
 */
export function generate(output = ROOT): void {
  for (const template of TEMPLATES) {
    run(join(BIN, 'buf'), ['generate', '--template', template, '--output', output]);
  }
  run(process.execPath, [join('scripts', 'config-schema.ts'), join(output, 'sluice.schema.json')]);
}

function run(program: string, args: readonly string[]): void {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd: ROOT,
    encoding: 'utf8',
    // buf finds its plugins, and its own launcher finds Node, by the path.
    env: { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}` },
  });
  if (error !== undefined) throw new Error(`${program} cannot be started; run npm ci first`, { cause: error });
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} failed:\n${stdout}${stderr}`.trimEnd());
}

if (import.meta.main) {
  try {
    generate();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
