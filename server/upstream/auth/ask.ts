import { AttemptError, type AttemptFailure } from '../../errors/attempt-error.ts';
import { readText } from '../read-text.ts';
import type { Upstream, UpstreamRequest } from '../upstream.ts';

/** What a server that gives credentials answered. */
export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** How much of an answer is read. */
const REPLY_BYTES = 64 * 1024;
const CONNECT_TIMEOUT_MS = 5_000;

/** Failures that say what they say of a provider; all others are the connection's. */
const OWN_FAILURES: ReadonlySet<AttemptFailure> = new Set(['TIMEOUT', 'EGRESS_DENIED']);

export interface AskOptions {
  readonly signal: AbortSignal;
  /** Default 5 s. */
  readonly connectTimeoutMs?: number;
}

/** Asks a server for credentials. Throws AttemptError CONNECTION, TIMEOUT or EGRESS_DENIED, or the signal's reason. */
export async function ask(upstream: Upstream, request: UpstreamRequest, options: AskOptions): Promise<Reply> {
  const { signal, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  try {
    const { status, body } = await upstream.send(request, { signal, connectTimeoutMs });
    return { status, text: await readText(body, REPLY_BYTES, 'fail') };
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    if (!(thrown instanceof AttemptError)) throw thrown;
    const failure = OWN_FAILURES.has(thrown.failure) ? thrown.failure : 'CONNECTION';
    throw new AttemptError(failure, `No credential could be had: ${thrown.message}`, { cause: thrown });
  }
}

/** What an answer other than a credential means. said is a code, never words: those could repeat a secret. */
export function refusalOf({ url }: UpstreamRequest, { status }: Reply, said = ''): AttemptError {
  // Its own trouble, as if it could not be reached; anything else is about what it was asked.
  const failure = status === 408 || status === 429 || status >= 500 ? 'CONNECTION' : 'CREDENTIAL_REJECTED';
  const code = said === '' ? '' : ` (${said})`;
  return new AttemptError(failure, `No credential could be had: ${url.host} answered ${status}${code}.`);
}
