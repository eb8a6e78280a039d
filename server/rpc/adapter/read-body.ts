import { Code, ConnectError } from '@connectrpc/connect';
import type { Exchange } from './exchange.ts';

/** What is made of a body. Both throw ConnectError where it is not what it must be. */
export interface BodySink<T> {
  push(chunk: Buffer): void;
  end(): T;
}

/**
 * Reads the body to its end, or until the sink refuses it: what is left then stays unread. Where the client goes away before,
 * it may never settle; there is nobody to answer, and nothing but the exchange holds on to who waits.
 */
export function readBody<T>(exchange: Exchange, sink: BodySink<T>): Promise<T> {
  const source = exchange.body;
  return new Promise((resolve, reject) => {
    source.on('data', onData).on('end', onEnd);

    function onData(chunk: Buffer): void {
      try {
        sink.push(chunk);
      } catch (thrown) {
        source.off('data', onData).off('end', onEnd).pause();
        reject(thrown);
      }
    }

    function onEnd(): void {
      try {
        // HTTP/2 ends the body of a stream that was reset like any other.
        if (!exchange.writable) throw new ConnectError('The client went away.', Code.Canceled);
        resolve(sink.end());
      } catch (thrown) {
        reject(thrown);
      }
    }
  });
}
