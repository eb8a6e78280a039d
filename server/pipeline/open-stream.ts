import type { ChatStreamDecoder, StreamStep } from '../dialects/dialect.ts';
import type { AttemptEntry } from './attempt-log.ts';
import type { AttemptTimers } from './attempt-timers.ts';
import { decodeStream, type FramedDecoder } from './decode-stream.ts';
import { type ExchangeDeps, exchange, type PreparedRequest } from './exchange.ts';
import { hasContent } from './has-content.ts';
import { nameStream } from './name-answer.ts';
import type { StreamGate } from './stream-gate.ts';

/** One attempt's stream, as far as it has come. */
export interface OpenStream {
  readonly entry: AttemptEntry;
  readonly decoder: ChatStreamDecoder;
  readonly timers: AttemptTimers;
  /** What came up to the first content, or all of it where it was held back. */
  readonly held: StreamStep[];
  /** What is still to come. */
  readonly rest: AsyncGenerator<readonly StreamStep[], void>;
}

export interface OpenStreamAttempt {
  readonly entry: AttemptEntry;
  readonly timers: AttemptTimers;
  readonly requestId: string;
}

/** A request for a stream. */
export interface PreparedStream extends PreparedRequest {
  readonly createDecoder: () => FramedDecoder;
  readonly createGate: () => StreamGate;
}

/** One try: sends the request and reads until what has come may go to the caller. Throws AttemptError. */
export async function openStream(
  deps: ExchangeDeps,
  prepared: PreparedStream,
  { entry, timers, requestId }: OpenStreamAttempt,
): Promise<OpenStream> {
  const framed = prepared.createDecoder();
  const { decoder } = framed;
  let rest: OpenStream['rest'] | undefined;
  try {
    const response = await exchange(deps, prepared, { entry, timers });
    rest = decodeStream(response, framed, timers);
    const held: StreamStep[] = [];
    const gate = prepared.createGate();
    let contentSeen = false;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      nameStream(next.value, { id: requestId, model: entry.target.model });
      held.push(...next.value);
      if (!contentSeen && next.value.some(hasContent)) {
        contentSeen = true;
        timers.contentSeen();
        entry.contentSeen();
      }
      if (gate.admits(next.value)) break;
    }
    return { entry, decoder, timers, held, rest };
  } catch (thrown) {
    timers.stop();
    await rest?.return();
    throw thrown;
  }
}
