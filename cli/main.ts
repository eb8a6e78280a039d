import { readFile, writeFile } from 'node:fs/promises';
import type { CliIo } from './command.ts';
import { SLUICE } from './commands.ts';
import { runCommand } from './run-command.ts';

const io: CliIo = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  readFile: (path) => readFile(path, 'utf8'),
  writeFile: (path, text) => writeFile(path, text),
  now: () => Date.now(),
  env: process.env,
};

// A reader that has seen enough, as in "| head", is no failure.
process.stdout.on('error', () => process.exit(0));

process.exitCode = await runCommand(SLUICE, process.argv.slice(2), io);
