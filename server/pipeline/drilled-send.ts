import { AttemptError } from '../errors/attempt-error.ts';
import type { Strike } from '../routing/drills.ts';
import type { Fault } from '../routing/fault.ts';
import type { UpstreamResponse } from '../upstream/upstream.ts';

/** An attempt that a drill strikes. */
export interface StruckAttempt {
  readonly strike: Strike;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
  readonly accept: 'application/json' | 'text/event-stream';
  /** Whether the answer's first content has been read. */
  readonly contentSeen: () => boolean;
  /** Sends the request to the provider. */
  readonly send: () => Promise<UpstreamResponse>;
}

const REFUSAL = '{"error":{"message":"This is a drill.","type":"server_error","param":null,"code":null}}';

/** No event of any format: neither JSON, nor the head of an AWS event. */
const NO_FORMAT = 'data: {"this is a drill\n\n';

/**
 * The answer that a struck attempt gets. Nothing is sent to the provider, unless the fault comes after the first content of
 * a stream. What a fault holds up ends as a timeout when the drill is over.
 */
export async function sendDrilled(attempt: StruckAttempt): Promise<UpstreamResponse> {
  const { fault } = attempt.strike;
  switch (fault.kind) {
    case 'RATE_LIMITED':
      return refusal(429, retryAfter(fault));
    case 'SERVER_ERROR':
      return refusal(fault.status ?? 500, {});
    case 'TIMEOUT':
      return heldUp(attempt);
    case 'CUT':
    case 'STALL':
    case 'MALFORMED':
      if (fault.afterContent && attempt.accept === 'text/event-stream') return spoiledLater(attempt);
      return { status: 200, headers: { 'content-type': attempt.accept }, body: spoiled(attempt) };
  }
}

function refusal(status: number, headers: Readonly<Record<string, string>>): UpstreamResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: textBody(REFUSAL) };
}

/** Both forms, as OpenAI sends them: whole seconds are all that the standard one can say. */
function retryAfter({ retryAfterMs }: Fault): Readonly<Record<string, string>> {
  if (retryAfterMs === undefined) return {};
  return { 'retry-after': String(Math.ceil(retryAfterMs / 1000)), 'retry-after-ms': String(Math.ceil(retryAfterMs)) };
}

async function spoiledLater(attempt: StruckAttempt): Promise<UpstreamResponse> {
  const response = await attempt.send();
  if (response.status !== 200) return response;
  return { ...response, body: spoiledAfterContent(response.body, attempt) };
}

async function* spoiledAfterContent(body: UpstreamResponse['body'], attempt: StruckAttempt): UpstreamBody {
  for await (const chunk of body) {
    yield chunk;
    // Whoever reads on after the first content has given it to the caller. A drill that is over spoils nothing more.
    if (attempt.contentSeen() && !attempt.strike.over.aborted) return yield* spoiled(attempt);
  }
}

type UpstreamBody = AsyncGenerator<Uint8Array, void>;

async function* spoiled(attempt: StruckAttempt): UpstreamBody {
  const { kind } = attempt.strike.fault;
  if (kind === 'CUT') throw new AttemptError('INTERRUPTED', 'A drill cut the answer.');
  if (kind === 'STALL') await heldUp(attempt);
  yield* textBody(NO_FORMAT);
}

async function* textBody(text: string): UpstreamBody {
  yield Buffer.from(text);
}

/** Waits for the attempt's timers, its call's end, or the end of the drill. */
function heldUp({ signal, strike: { over } }: StruckAttempt): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => {
      signal.removeEventListener('abort', end);
      over.removeEventListener('abort', end);
      reject(signal.aborted ? signal.reason : new AttemptError('TIMEOUT', 'The drill is over.', { timer: 'total' }));
    };
    signal.addEventListener('abort', end, { once: true });
    over.addEventListener('abort', end, { once: true });
    if (signal.aborted || over.aborted) end();
  });
}
