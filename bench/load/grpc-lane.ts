import type http2 from 'node:http2';
import type { CallEnd, Lane, LaneInit } from './task.ts';

/** gRPC as its clients do it: several calls share one connection, each is one HTTP/2 stream with trailers. */
export class GrpcLane implements Lane {
  readonly #session: http2.ClientHttp2Session;
  readonly #headers: http2.OutgoingHttpHeaders;
  readonly #body: Uint8Array;

  constructor(session: http2.ClientHttp2Session, init: Extract<LaneInit, { kind: 'grpc' }>) {
    this.#session = session;
    this.#body = init.body;
    this.#headers = {
      ':method': 'POST',
      ':path': init.path,
      'content-type': 'application/grpc+proto',
      te: 'trailers',
      authorization: init.authorization,
    };
  }

  call(end: CallEnd): void {
    const stream = this.#session.request(this.#headers);
    let seen: http2.IncomingHttpHeaders = {};
    let failure: string | undefined;
    stream.on('response', (headers) => {
      seen = headers;
    });
    stream.on('trailers', (trailers) => {
      seen = { ...seen, ...trailers };
    });
    stream.on('error', (error) => {
      failure = error.message;
    });
    stream.once('close', () => end(failure ?? (seen['grpc-status'] === '0' ? undefined : JSON.stringify(seen))));
    stream.resume();
    stream.end(this.#body);
  }

  close(): void {
    this.#session.destroy();
  }
}
