import type { FastifyReply } from 'fastify';
import type { Clock, Timer } from '../core/clock.ts';
import type { Frame } from '../dialects/dialect.ts';
import type { StreamFraming } from './stream-framing.ts';

/** A stream of frames on its way to a client. */
export interface StreamResponse {
  /** Whether the status has gone out; from then on a failure can only be told within the stream. */
  readonly opened: boolean;
  /** Whether the client has gone; what is written then goes nowhere. */
  readonly gone: boolean;
  /** Sends status and headers, unless a keepalive has already done so. */
  open(headers: Readonly<Record<string, string>>): void;
  /** Opens where that is still to do. Resolves when the client can take more, or is gone. */
  write(frames: readonly Frame[]): Promise<void>;
  /** Words beside the frames, for people; nothing where the framing has no place for them. */
  comment(text: string): void;
  end(): void;
  /** Without an answer of its own: the response is somebody else's to finish. */
  abandon(): void;
}

/**
 * After so long without a frame something goes out that readers pass over, so that nothing between us and the client closes the line. That
 * holds while the provider has not said a word, too: see docs/decisions/0006.
 */
const KEEPALIVE_MS = 15_000;

/** A response that is not opened yet. */
export function createStreamResponse(
  reply: FastifyReply,
  { clock, framing }: { readonly clock: Clock; readonly framing: StreamFraming },
): StreamResponse {
  const { raw } = reply;
  let opened = false;
  let begun = false;
  // By the event alone: responses over HTTP/2 have no member "destroyed".
  let gone = false;
  let lastWrite = clock.monotonic();
  let keepalive: Timer | undefined;
  const open: StreamResponse['open'] = (headers) => {
    if (opened) return;
    opened = true;
    reply.hijack();
    raw.writeHead(200, {
      'content-type': framing.contentType,
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      ...headers,
    });
  };
  // Writes only note the time; the timer looks at it when it fires.
  const watch = (delay: number): void => {
    keepalive = clock.schedule(delay, () => {
      const silent = clock.monotonic() - lastWrite;
      if (silent < KEEPALIVE_MS) return watch(KEEPALIVE_MS - silent);
      open({});
      if (!raw.writableNeedDrain) raw.write(framing.keepalive);
      lastWrite = clock.monotonic();
      watch(KEEPALIVE_MS);
    });
  };
  const abandon = (): void => keepalive?.stop();
  watch(KEEPALIVE_MS);
  raw.once('close', () => {
    gone = true;
    abandon();
  });
  return {
    get opened() {
      return opened;
    },
    get gone() {
      return gone;
    },
    open,
    async write(frames) {
      if (frames.length === 0 || gone) return;
      open({});
      lastWrite = clock.monotonic();
      const text = framing.write(frames, begun);
      begun = true;
      if (!raw.write(text)) await drained(raw);
    },
    comment(text) {
      if (!gone && framing.comment !== undefined) raw.write(framing.comment(text));
    },
    end() {
      abandon();
      raw.end(framing.close(begun));
    },
    abandon,
  };
}

/** Waits for drain or close, whichever comes. To be called before close has come. */
function drained(raw: FastifyReply['raw']): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      raw.off('drain', done);
      raw.off('close', done);
      resolve();
    };
    raw.once('drain', done);
    raw.once('close', done);
  });
}
