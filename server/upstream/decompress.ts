import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { AttemptError } from '../errors/attempt-error.ts';

/** Makes the decompressor for a body, given its first byte. */
type CreateDecompressor = (firstByte: number) => Transform;

/** RFC 9659: with HTTP a zstd window is at most 8 MiB. Without the bound one answer could claim 128 MiB. */
const ZSTD_WINDOW_LOG_MAX = 23;

const DECOMPRESSORS: ReadonlyMap<string, CreateDecompressor> = new Map<string, CreateDecompressor>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  // Meant is the zlib format, whose first byte ends in 8; some servers send bare deflate, which cannot begin so.
  ['deflate', (firstByte) => ((firstByte & 0x0f) === 8 ? createInflate() : createInflateRaw())],
  ['br', () => createBrotliDecompress()],
  ['zstd', () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX } })],
]);

/**
 * A body without its content-encoding. Output is made only as it is read, so that a bomb costs a slow reader nothing.
 * The iterator throws AttemptError: MALFORMED for an encoding that is unknown or data that is not in it, INTERRUPTED
 * where the data stop early. It does so at the first read and not before, so that the status is still seen.
 */
export function decompress(
  body: AsyncIterableIterator<Uint8Array>,
  contentEncoding: string | undefined,
): AsyncIterableIterator<Uint8Array> {
  const encoding = contentEncoding?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return body;
  const pieces = inflate(body, encoding);
  return {
    next: () => pieces.next(),
    async return() {
      // Not left to the generator: it does not see a return() before its first step or during one.
      await body.return?.();
      return pieces.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* inflate(body: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Uint8Array, undefined> {
  const create = DECOMPRESSORS.get(encoding);
  let decompressor: Decompressor | undefined;
  try {
    for await (const piece of body) {
      if (create === undefined) throw new AttemptError('MALFORMED', 'The answer has an unknown content-encoding.');
      decompressor ??= new Decompressor(create(piece[0] ?? 0));
      yield* decompressor.feed(piece);
    }
    // A body without a single byte, as with status 204, is empty whatever its encoding.
    if (decompressor !== undefined) yield* decompressor.feed(undefined);
  } finally {
    decompressor?.destroy();
  }
}

/** One of zlib's streams, driven by its reader. */
class Decompressor {
  readonly #stream: Transform;
  #ended = false;
  #failure: NodeJS.ErrnoException | undefined;
  #wake: () => void = () => {};

  constructor(stream: Transform) {
    this.#stream = stream;
    stream.on('readable', () => this.#wake());
    stream.on('error', (error) => this.#fail(error));
    const onEnd = (): void => {
      this.#ended = true;
      this.#wake();
    };
    stream.on('end', onEnd).on('close', onEnd);
  }

  /** Gives it a piece of input, or the end of it, and yields what comes out until that is used up. */
  async *feed(input: Uint8Array | undefined): AsyncGenerator<Uint8Array, undefined> {
    let used = false;
    // The end is used up when all has come out and not before: zlib says finish while it still checks its trailer.
    if (input === undefined) this.#stream.end();
    else {
      this.#stream.write(input, (error) => {
        used = true;
        if (error) this.#fail(error);
        this.#wake();
      });
    }
    while (true) {
      for (let piece = this.#stream.read(); piece !== null; piece = this.#stream.read()) yield piece;
      if (this.#failure !== undefined) throw notDecompressed(this.#failure);
      if (used || this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #fail(error: Error): void {
    // The first one: later ones only say that the stream is gone.
    this.#failure ??= error;
    this.#wake();
  }
}

function notDecompressed(cause: NodeJS.ErrnoException): AttemptError {
  // What zlib says when its input ends in the middle.
  if (cause.code === 'Z_BUF_ERROR')
    return new AttemptError('INTERRUPTED', 'The compressed answer stops early.', { cause });
  return new AttemptError('MALFORMED', 'The answer cannot be decompressed.', { cause });
}
