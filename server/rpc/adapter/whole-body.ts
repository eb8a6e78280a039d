import { Code, ConnectError } from '@connectrpc/connect';
import type { BodySink } from './read-body.ts';

/** A body that is one message, of at most so many bytes. */
export class WholeBody implements BodySink<Uint8Array> {
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  /** Throws where the content-length already says too much. */
  constructor(maxBytes: number, contentLength: string | undefined) {
    this.#maxBytes = maxBytes;
    const promised = Number(contentLength ?? 0);
    if (promised > maxBytes) throw tooLarge(promised, maxBytes);
  }

  push(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#maxBytes) throw tooLarge(undefined, this.#maxBytes);
    this.#chunks.push(chunk);
  }

  end(): Uint8Array {
    const [first] = this.#chunks;
    return first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#size);
  }
}

/** The error for a message that is larger than what is read. */
export function tooLarge(bytes: number | undefined, maxBytes: number): ConnectError {
  const size = bytes === undefined ? '' : `${bytes} `;
  return new ConnectError(
    `message size ${size}is larger than configured readMaxBytes ${maxBytes}`,
    Code.ResourceExhausted,
  );
}
