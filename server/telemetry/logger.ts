/** Values of a log line. Never prompts, answers or secrets: ids, counts, names and reasons. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** One JSON object a line, so that no value can forge a line of its own. */
export function createJsonLogger(options: {
  readonly write: (line: string) => void;
  readonly now: () => number;
}): Logger {
  const line = (level: string) => (event: string, fields?: LogFields) =>
    options.write(`${JSON.stringify({ time: new Date(options.now()).toISOString(), level, event, ...fields })}\n`);
  return { info: line('info'), warn: line('warn'), error: line('error') };
}
