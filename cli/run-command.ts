import { type CliIo, type Command, CommandError, EXIT_FAILED, EXIT_OK, EXIT_USAGE, UsageError } from './command.ts';
import { printable } from './table.ts';

/** Runs a command and turns what it throws into words and an exit code. Faults of ours pass through. */
export async function runCommand(command: Command, args: readonly string[], io: CliIo): Promise<number> {
  if (args.includes('--help') && isLeaf(args)) {
    io.out(command.help);
    return EXIT_OK;
  }
  try {
    return await command.run(args, io);
  } catch (thrown) {
    if (thrown instanceof CommandError) {
      io.err(`${printable(thrown.message)}\n`);
      return EXIT_FAILED;
    }
    // node:util's parseArgs throws these.
    if (!(thrown instanceof UsageError) && !isParseError(thrown)) throw thrown;
    io.err(`${printable(thrown.message)}\n\n${command.help}`);
    return EXIT_USAGE;
  }
}

/** Help is for the command that stands before it: a group passes it on to the word that comes first. */
function isLeaf([first]: readonly string[]): boolean {
  return first?.startsWith('-') === true || first === undefined;
}

function isParseError(thrown: unknown): thrown is TypeError {
  return thrown instanceof TypeError && 'code' in thrown && String(thrown.code).startsWith('ERR_PARSE_ARGS');
}
