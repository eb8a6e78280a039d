/** What a body needs of the connection that feeds it. */
export interface BodySource {
  pause(): void;
  resume(): void;
  /** The reader has gone: what is still to come is not wanted. */
  leave(): void;
}

/**
 * How much may wait for the reader before the connection is paused, in bytes. Enough to keep a link busy between two
 * reads, little enough for a thousand slow readers at a time.
 */
const HIGH_WATER_BYTES = 32 * 1024;

/** One answer's body on its way from the connection to its one reader. */
export class ResponseBody implements AsyncIterableIterator<Uint8Array> {
  readonly #source: BodySource;
  readonly #signal: AbortSignal;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #paused = false;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(source: BodySource, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  /** Takes what has come. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    if (this.#size >= HIGH_WATER_BYTES && !this.#paused) {
      this.#paused = true;
      this.#source.pause();
    }
    this.#wakeReader();
  }

  /** The body is complete. */
  end(): void {
    this.#ended = true;
    this.#wakeReader();
  }

  /** The reader gets the error, after what came before it. */
  fail(error: unknown): void {
    this.#ended = true;
    this.#failure = { error };
    this.#wakeReader();
  }

  /**
   * All that has come since the last read, in one piece: a provider that writes many small chunks costs one turn of
   * the reader for each packet, not for each chunk.
   */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#wake !== undefined) throw new Error('A body is read by one reader, one piece at a time.');
    while (this.#size === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    // Also when the whole body is here already and nothing listens to the signal any more.
    if (this.#signal.aborted) throw this.#signal.reason;
    if (this.#size > 0) return { value: this.#take(), done: false };
    if (this.#failure !== undefined) throw this.#failure.error;
    return { value: undefined, done: true };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#chunks = [];
    this.#size = 0;
    if (!this.#ended) this.#source.leave();
    this.#failure = undefined;
    this.end();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Uint8Array {
    const [first] = this.#chunks;
    const piece = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#size);
    this.#chunks = [];
    this.#size = 0;
    if (this.#paused && !this.#ended) {
      this.#paused = false;
      this.#source.resume();
    }
    return piece;
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
