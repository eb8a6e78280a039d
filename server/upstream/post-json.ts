import { readText } from './read-text.ts';
import type { Upstream } from './upstream.ts';

/** A JSON text for a server of the operator's own, such as a collector of metrics; private addresses are fine. */
export interface JsonPost {
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Long enough for any collector, short enough not to hold up a stop. */
const TIMEOUT_MS = 5000;
const ANSWER_BYTES = 64 * 1024;

/** Sends it and resolves with the status of the answer. Throws what Upstream.send does. */
export async function postJson(upstream: Upstream, { url, headers, body }: JsonPost): Promise<number> {
  const response = await upstream.send(
    {
      url: new URL(url),
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'sluice' },
      body,
      allowPrivateAddress: true,
    },
    { signal: AbortSignal.timeout(TIMEOUT_MS), connectTimeoutMs: TIMEOUT_MS },
  );
  await readText(response.body, ANSWER_BYTES, 'cut');
  return response.status;
}
