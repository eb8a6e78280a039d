import type { FastifyReply } from 'fastify';
import type { Clock, Timer } from '../core/clock.ts';
import type { Frame } from '../dialects/dialect.ts';
import { encodeSseComment, encodeSseFrame } from '../upstream/sse-encoder.ts';

/** A stream of server-sent events on its way to a client. */
export interface SseResponse {
  /** Resolves when the client can take more, or is gone. */
  write(frames: readonly Frame[]): Promise<void>;
  end(): void;
}

/** After so long without an event a comment goes out, so that nothing between us and the client closes the line. */
const KEEPALIVE_MS = 15_000;

/** Sends the headers and hands the response over to whoever writes. */
export function openSse(reply: FastifyReply, headers: Readonly<Record<string, string>>, clock: Clock): SseResponse {
  const { raw } = reply;
  reply.hijack();
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    ...headers,
  });
  let keepalive: Timer | undefined;
  const restart = (): void => {
    keepalive?.stop();
    keepalive = clock.schedule(KEEPALIVE_MS, () => {
      if (!raw.writableNeedDrain) raw.write(encodeSseComment('keepalive'));
      restart();
    });
  };
  restart();
  raw.once('close', () => keepalive?.stop());
  return {
    async write(frames) {
      if (frames.length === 0 || raw.destroyed) return;
      restart();
      if (!raw.write(frames.map(encodeSseFrame).join(''))) await drained(raw);
    },
    end() {
      keepalive?.stop();
      raw.end();
    },
  };
}

/** Waits for drain or close, whichever comes; close has come already where the response is destroyed. */
function drained(raw: FastifyReply['raw']): Promise<void> {
  return new Promise((resolve) => {
    if (raw.destroyed) {
      resolve();
      return;
    }
    const done = (): void => {
      raw.off('drain', done);
      raw.off('close', done);
      resolve();
    };
    raw.once('drain', done);
    raw.once('close', done);
  });
}
