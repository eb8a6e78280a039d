import { parseArgs } from 'node:util';
import { checkConfigText } from '../server/config/check-text.ts';
import { formatProblem } from '../server/config/problems.ts';
import { type Command, EXIT_FAILED, EXIT_OK, UsageError } from './command.ts';
import { readText } from './read-catalogue.ts';
import { printable } from './table.ts';

const HELP = `Checks a configuration by itself, without a gateway and without its secrets.

Usage: sluice config check FILE [options]

Options:
  --json               Print the findings as JSON.
  --help               Print this.

Exit codes: 0 it is right; 1 it is not, or cannot be read; 2 wrong words.
`;

export const configCheck: Command = {
  name: 'check',
  summary: 'Check a file by itself, with the lines of what is wrong',
  help: HELP,
  async run(args, io) {
    const options = { json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const file = oneFile(positionals);
    const problems = await checkConfigText({ file, text: await readText(file, io) }, io.readFile);
    if (values.json === true) io.out(`${JSON.stringify({ findings: problems })}\n`);
    else if (problems.length === 0)
      io.out(`${file} is right. Whether its secrets are there, only the gateway can tell.\n`);
    else io.out(`${printable(problems.map(formatProblem).join('\n'))}\n`);
    return problems.length === 0 ? EXIT_OK : EXIT_FAILED;
  },
};

/** The one word that names a file. Throws UsageError. */
export function oneFile(positionals: readonly string[]): string {
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError('Give one FILE.');
  return file;
}
