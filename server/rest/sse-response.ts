import type { FastifyReply } from 'fastify';
import type { Clock, Timer } from '../core/clock.ts';
import type { Frame } from '../dialects/dialect.ts';
import { encodeSseComment, encodeSseFrame } from '../upstream/sse-encoder.ts';

/** A stream of server-sent events on its way to a client. */
export interface SseResponse {
  /** Whether the status has gone out; from then on a failure can only be told within the stream. */
  readonly opened: boolean;
  /** Whether the client has gone; what is written then goes nowhere. */
  readonly gone: boolean;
  /** Sends status and headers, unless a keepalive has already done so. */
  open(headers: Readonly<Record<string, string>>): void;
  /** Opens where that is still to do. Resolves when the client can take more, or is gone. */
  write(frames: readonly Frame[]): Promise<void>;
  end(): void;
  /** Without an answer of its own: the response is somebody else's to finish. */
  abandon(): void;
}

/**
 * After so long without an event a comment goes out, so that nothing between us and the client closes the line. That
 * holds while the provider has not said a word, too: see docs/decisions/0006.
 */
const KEEPALIVE_MS = 15_000;

/** A response that is not opened yet. */
export function createSseResponse(reply: FastifyReply, clock: Clock): SseResponse {
  const { raw } = reply;
  let opened = false;
  // By the event alone: responses over HTTP/2 have no member "destroyed".
  let gone = false;
  let lastWrite = clock.monotonic();
  let keepalive: Timer | undefined;
  const open: SseResponse['open'] = (headers) => {
    if (opened) return;
    opened = true;
    reply.hijack();
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
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
      if (!raw.writableNeedDrain) raw.write(encodeSseComment('keepalive'));
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
      if (!raw.write(frames.map(encodeSseFrame).join(''))) await drained(raw);
    },
    end() {
      abandon();
      raw.end();
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
