import type { Readable } from 'node:stream';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Exchange } from './exchange.ts';

/** What is made of a body. Both throw ConnectError where it is not what it must be. */
export interface BodySink<T> {
  push(chunk: Buffer): void;
  end(): T;
}

/** Reads the body to its end, or until the sink refuses it. What is left then stays unread. */
export function readBody<T>(exchange: Exchange, sink: BodySink<T>): Promise<T> {
  const source: Readable = exchange.body;
  return new Promise((resolve, reject) => {
    let ended = false;
    const gone = (): void => {
      if (!ended) reject(new ConnectError('The client went away.', Code.Canceled));
    };
    source.on('data', onData).on('end', onEnd).on('error', gone).on('close', gone);

    function onData(chunk: Buffer): void {
      try {
        sink.push(chunk);
      } catch (thrown) {
        ended = true;
        source.off('data', onData).off('end', onEnd).pause();
        reject(thrown);
      }
    }

    function onEnd(): void {
      // HTTP/2 ends the body of a stream that was reset like any other.
      if (!exchange.writable) return;
      ended = true;
      try {
        resolve(sink.end());
      } catch (thrown) {
        reject(thrown);
      }
    }
  });
}
