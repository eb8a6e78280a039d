/** The data texts of a body of server-sent events, comments left out. */
export function sse(body: string): string[] {
  return body
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim());
}
