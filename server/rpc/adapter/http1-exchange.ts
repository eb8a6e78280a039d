import type http from 'node:http';
import type { Exchange } from './exchange.ts';

/** Up to here text is joined with the head and goes out in one write; above, copying costs more than it saves. */
const JOINED_BYTES = 16 * 1024;

export class Http1Exchange implements Exchange {
  readonly #request: http.IncomingMessage;
  readonly #response: http.ServerResponse;

  constructor(request: http.IncomingMessage, response: http.ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  get method(): string {
    return this.#request.method ?? '';
  }

  get target(): string {
    return this.#request.url ?? '';
  }

  get origin(): string {
    const scheme = 'encrypted' in this.#request.socket ? 'https' : 'http';
    return `${scheme}://${this.#request.headers.host ?? ''}`;
  }

  get headers(): http.IncomingHttpHeaders {
    return this.#request.headers;
  }

  get body(): http.IncomingMessage {
    return this.#request;
  }

  get writable(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }

  answer(status: number, headers: Headers, body: Uint8Array): void {
    if (!this.writable) return;
    this.#response.writeHead(status, flat(headers));
    // Node puts head and body into one write only where the body is text. Latin-1 carries every byte as it is.
    if (body.length > JOINED_BYTES) this.#response.end(body);
    else this.#response.end(Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1'), 'latin1');
  }

  begin(headers: Headers): void {
    if (this.writable) this.#response.writeHead(200, flat(headers));
  }

  write(bytes: Uint8Array): boolean {
    return !this.writable || this.#response.write(bytes);
  }

  room(): Promise<void> {
    const response = this.#response;
    if (!this.writable || !response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.on('drain', done).on('close', done);
    });
  }

  end(bytes: Uint8Array | undefined): void {
    if (this.writable) this.#response.end(bytes);
  }
}

/** Names and values in turn, which Node takes without looking at each twice. */
function flat(headers: Headers): string[] {
  const fields: string[] = [];
  headers.forEach((value, name) => {
    fields.push(name, value);
  });
  return fields;
}
