import type http from 'node:http';
import type http2 from 'node:http2';
import type { Readable } from 'node:stream';

export type Request = http.IncomingMessage | http2.Http2ServerRequest;
export type Response = http.ServerResponse | http2.Http2ServerResponse;

/** One request and its answer, in the words that HTTP/1.1 and HTTP/2 share. Nothing here throws once the client is gone. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Scheme and authority, as "http://localhost:8080". */
  readonly origin: string;
  readonly headers: http.IncomingHttpHeaders;
  /** The request's body, which nobody has begun to read. */
  readonly body: Readable;
  /** False once the client is gone or the answer has its end. */
  readonly writable: boolean;
  /** Calls back once when all is over, by a whole answer or by a client that is gone. */
  onClose(listener: () => void): void;
  /** Sends a whole answer. */
  answer(status: number, headers: Headers, body: Uint8Array): void;
  /** Begins an answer with status 200 whose body follows in pieces. */
  begin(headers: Headers): void;
  /** False where the client is slower than what is written: then wait for room. */
  write(bytes: Uint8Array): boolean;
  /** Resolves when there is room for more, and when there is nobody to write to. */
  room(): Promise<void>;
  /** Ends the answer with a last piece. Trailers are for HTTP/2 alone. */
  end(bytes: Uint8Array | undefined, trailers?: Headers): void;
}
