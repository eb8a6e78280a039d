import type http2 from 'node:http2';
import type { Exchange } from './exchange.ts';

/** Reads and writes the stream itself: the request and the response around it would each cost another layer. */
export class Http2Exchange implements Exchange {
  readonly #request: http2.Http2ServerRequest;
  readonly #response: http2.Http2ServerResponse;
  readonly #stream: http2.ServerHttp2Stream;

  constructor(request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) {
    this.#request = request;
    this.#response = response;
    this.#stream = response.stream;
    // A stream that breaks is told by its close; without a listener the error would end the process.
    request.on('error', () => {});
  }

  get method(): string {
    return this.#request.method;
  }

  get target(): string {
    return this.#request.url;
  }

  get origin(): string {
    return `${this.#request.scheme}://${this.#request.authority}`;
  }

  get headers(): http2.IncomingHttpHeaders {
    return this.#request.headers;
  }

  get body(): http2.ServerHttp2Stream {
    return this.#stream;
  }

  get writable(): boolean {
    const stream = this.#stream;
    return !stream.destroyed && !stream.closed && !stream.writableEnded;
  }

  onClose(listener: () => void): void {
    this.#stream.once('close', listener);
  }

  answer(status: number, headers: Headers, body: Uint8Array): void {
    if (!this.writable) return;
    this.#respond(status, headers, false);
    this.#stream.end(body);
  }

  begin(headers: Headers): void {
    if (this.writable) this.#respond(200, headers, true);
  }

  write(bytes: Uint8Array): boolean {
    return !this.writable || this.#stream.write(bytes);
  }

  room(): Promise<void> {
    const stream = this.#stream;
    if (!this.writable || !stream.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        stream.off('drain', done).off('close', done);
        resolve();
      };
      stream.on('drain', done).on('close', done);
    });
  }

  end(bytes: Uint8Array | undefined, trailers?: Headers): void {
    if (!this.writable) return;
    // The response sends them when the stream asks for them.
    if (trailers !== undefined) this.#response.addTrailers(Object.fromEntries(trailers));
    if (bytes === undefined) this.#stream.end();
    else this.#stream.end(bytes);
  }

  #respond(status: number, headers: Headers, trailers: boolean): void {
    // What stands there already: cross-origin rules.
    const fields: http2.OutgoingHttpHeaders = { ...this.#response.getHeaders(), ':status': status };
    headers.forEach((value, name) => {
      if (name === 'set-cookie') fields[name] = headers.getSetCookie();
      else fields[name] = value;
    });
    // A body that is not read to its end is refused when the stream asks for trailers; others need not ask.
    this.#stream.respond(fields, { waitForTrailers: trailers || !this.#stream.readableEnded });
  }
}
