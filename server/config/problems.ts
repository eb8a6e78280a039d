/** Something wrong with a configuration, and where. */
export interface Problem {
  /** The file as it was named to Sluice; the words "built-in configuration" where there is none. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** As in providers[0].dialect; empty for the file as a whole. */
  readonly path: string;
  /** Never holds a secret. */
  readonly message: string;
}

/** Something wrong, before its place in the file is known. */
export interface Finding {
  readonly path: string;
  readonly message: string;
}

/** As in "sluice.yaml:7:5 providers[0].dialect: must be one of openai-chat". */
export function formatProblem(problem: Problem): string {
  const path = problem.path === '' ? '' : `${problem.path}: `;
  return `${problem.file}:${problem.line}:${problem.column} ${path}${problem.message}`;
}
