/** What a command may do to the outside, so that tests can own it. */
export interface CliIo {
  /** Results. */
  out(text: string): void;
  /** Everything else: progress, advice, complaints. */
  err(text: string): void;
  readFile(path: string): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Variables of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One word of the program: `sluice catalog import` is the command import of the group catalog. */
export interface Command {
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  /** Printed for --help and after a usage error. */
  readonly help: string;
  /** Resolves with the exit code. Throws UsageError and CommandError. */
  run(args: readonly string[], io: CliIo): Promise<number>;
}

/** All went well. */
export const EXIT_OK = 0;
/** What was asked for could not be done. */
export const EXIT_FAILED = 1;
/** What was asked for makes no sense. */
export const EXIT_USAGE = 2;

/** The words after the command are wrong. The message says which. */
export class UsageError extends Error {}

/** The command failed. The message says what happened and what to do. */
export class CommandError extends Error {}
