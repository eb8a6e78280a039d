import { type CliIo, type Command, EXIT_OK, UsageError } from './command.ts';
import { runCommand } from './run-command.ts';
import { formatTable } from './table.ts';

/** A command that only holds others. */
export function commandGroup(name: string, summary: string, commands: readonly Command[]): Command {
  const path = name === '' ? 'sluice' : `sluice ${name}`;
  const rows = commands.map((command) => [`  ${command.name}`, command.summary]);
  const help = `${summary}\n\nUsage: ${path} <command> [options]\n\nCommands:\n${formatTable(rows)}\n\n"${path} <command> --help" says more.\n`;
  return {
    name,
    summary,
    help,
    async run([word, ...rest], io: CliIo) {
      if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
        io.out(help);
        return EXIT_OK;
      }
      const command = commands.find((each) => each.name === word);
      if (command === undefined) {
        const known = commands.map((each) => each.name).join(', ');
        throw new UsageError(`${path} has no command "${word}"; there is ${known}`);
      }
      return runCommand(command, rest, io);
    },
  };
}
