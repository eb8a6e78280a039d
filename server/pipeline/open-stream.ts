import type { ChatStreamDecoder, StreamStep } from '../dialects/dialect.ts';
import type { AttemptEntry } from './attempt-log.ts';
import type { AttemptTimers } from './attempt-timers.ts';
import { decodeStream, type FramedDecoder } from './decode-stream.ts';
import { type ExchangeDeps, exchange, type PreparedRequest } from './exchange.ts';
import { hasContent } from './has-content.ts';
import { nameStream } from './name-answer.ts';

/** One attempt's stream, as far as it has come. */
export interface OpenStream {
  readonly entry: AttemptEntry;
  readonly decoder: ChatStreamDecoder;
  readonly timers: AttemptTimers;
  /** What came up to the first content. */
  readonly held: StreamStep[];
  /** What is still to come. */
  readonly rest: AsyncGenerator<readonly StreamStep[], void>;
}

export interface OpenStreamAttempt {
  readonly entry: AttemptEntry;
  readonly timers: AttemptTimers;
  readonly requestId: string;
}

/** One try: sends the request and reads up to the first content. Throws AttemptError. */
export async function openStream(
  deps: ExchangeDeps,
  prepared: PreparedRequest & { readonly createDecoder: () => FramedDecoder },
  { entry, timers, requestId }: OpenStreamAttempt,
): Promise<OpenStream> {
  const framed = prepared.createDecoder();
  const { decoder } = framed;
  let rest: OpenStream['rest'] | undefined;
  try {
    const response = await exchange(deps, prepared, { entry, timers });
    rest = decodeStream(response, framed, timers);
    const held: StreamStep[] = [];
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      nameStream(next.value, { id: requestId, model: entry.target.model });
      held.push(...next.value);
      if (next.value.some(hasContent)) break;
    }
    timers.contentSeen();
    entry.contentSeen();
    return { entry, decoder, timers, held, rest };
  } catch (thrown) {
    timers.stop();
    await rest?.return();
    throw thrown;
  }
}
