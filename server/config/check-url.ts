/** What is wrong with a URL that requests go to. It leaves out the URL: one with a password in it is just what it tells of. */
export function complaintOfUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'must be a URL such as https://api.example.com/v1';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https:// or http://';
  if (url.username !== '' || url.password !== '') return 'must not hold a user or password: use credential';
  // An empty query or fragment leaves no trace in the parsed URL, but would still swallow the path that follows.
  if (/[?#]/.test(text)) return 'must not hold a query or a fragment';
  return undefined;
}
