/** An error and its causes as one text for a log line, at most so deep that a circle of causes ends. */
export function describeError(thrown: unknown): string {
  const lines: string[] = [];
  let current: unknown = thrown;
  for (let depth = 0; depth < 5 && current !== undefined; depth += 1) {
    if (!(current instanceof Error)) {
      lines.push(String(current));
      break;
    }
    lines.push(current.stack ?? `${current.name}: ${current.message}`);
    current = current.cause;
  }
  return lines.join('\ncaused by ');
}
