import { crc32 } from 'node:zlib';
import type { Frame } from '../dialects/dialect.ts';
import { AttemptError } from '../errors/attempt-error.ts';

// application/vnd.amazon.eventstream, as the Smithy specification has it:
// https://smithy.io/2.0/aws/amazon-eventstream.html#amazon-event-stream-specification
//
//   total length u32 | headers length u32 | CRC-32 of these 8 bytes u32 | headers | payload | CRC-32 of all before u32
//
// All numbers are big-endian. A header is: name length u8, name, type u8, value.

/** The longest headers of a message, in bytes, by the specification. */
const MAX_HEADERS_BYTES = 128 * 1024;
/** The longest message, in bytes; the specification allows 16 MiB of payload. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024 + MAX_HEADERS_BYTES;
const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;

/** The event of a frame that stands for an unmodeled error. */
const ERROR_EVENT = 'error';

/**
 * The frames of a body, in batches: one for each piece that completed at least one. A frame's event is the message's
 * ":event-type", of exceptions ":exception-type"; its data is the payload. An unmodeled error is a frame of the event
 * "error" with the data {"code", "message"}. Throws AttemptError MALFORMED for a wrong checksum or length and for text
 * that is not UTF-8, INTERRUPTED where the body ends within a message, both after the frames before, and what the body
 * throws.
 */
export async function* decodeAwsEventStream(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly Frame[], undefined> {
  const decoder = new AwsEventStreamDecoder();
  for await (const piece of body) {
    const frames = decoder.push(piece);
    if (frames.length > 0) yield frames;
    if (decoder.failure !== undefined) throw decoder.failure;
  }
  if (decoder.isWithinMessage) throw new AttemptError('INTERRUPTED', 'The event stream ended within a message.');
}

/**
 * Owns the bytes of one event stream that belong to no whole message yet. Pieces are joined only when a message, or the
 * prelude that tells its length, is whole: a message in a thousand pieces is not copied a thousand times.
 */
class AwsEventStreamDecoder {
  #pieces: Uint8Array[] = [];
  #size = 0;
  /** The size from which on more can be read. */
  #wanted = PRELUDE_BYTES;
  #failure: unknown;

  /** Why no more can be read. Returned frames come before it. */
  get failure(): unknown {
    return this.#failure;
  }

  get isWithinMessage(): boolean {
    return this.#size > 0;
  }

  /** The frames that this piece completed. */
  push(piece: Uint8Array): readonly Frame[] {
    this.#pieces.push(piece);
    this.#size += piece.byteLength;
    if (this.#size < this.#wanted) return [];
    const frames: Frame[] = [];
    try {
      this.#keep(this.#readMessages(this.#joined(), frames));
    } catch (thrown) {
      this.#failure = thrown;
    }
    return frames;
  }

  /** Reads whole messages; what is left of the bytes. */
  #readMessages(bytes: Buffer, frames: Frame[]): Buffer {
    let rest = bytes;
    for (;;) {
      this.#wanted = PRELUDE_BYTES;
      if (rest.length < PRELUDE_BYTES) return rest;
      this.#wanted = readLength(rest);
      if (rest.length < this.#wanted) return rest;
      frames.push(readMessage(rest.subarray(0, this.#wanted)));
      rest = rest.subarray(this.#wanted);
    }
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    return this.#pieces.length === 1 && first !== undefined
      ? Buffer.from(first.buffer, first.byteOffset, first.byteLength)
      : Buffer.concat(this.#pieces, this.#size);
  }

  #keep(rest: Buffer): void {
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
  }
}

/** The length of the message that begins here, in bytes. */
function readLength(bytes: Buffer): number {
  if (crc32(bytes.subarray(0, 8)) !== bytes.readUInt32BE(8)) throw malformed('The prelude has a wrong checksum.');
  const length = bytes.readUInt32BE(0);
  const headers = bytes.readUInt32BE(4);
  const fits = headers <= MAX_HEADERS_BYTES && length >= PRELUDE_BYTES + headers + CRC_BYTES;
  if (length > MAX_MESSAGE_BYTES || !fits) throw malformed('A message has an impossible length.');
  return length;
}

function readMessage(message: Buffer): Frame {
  const end = message.length - CRC_BYTES;
  if (crc32(message.subarray(0, end)) !== message.readUInt32BE(end)) throw malformed('A message has a wrong checksum.');
  const payloadStart = PRELUDE_BYTES + message.readUInt32BE(4);
  const headers = readHeaders(message.subarray(PRELUDE_BYTES, payloadStart));
  if (headers.get(':message-type') !== 'error') {
    const event = headers.get(':exception-type') ?? headers.get(':event-type') ?? '';
    return { event, data: readPayload(message.subarray(payloadStart, end)) };
  }
  const code = headers.get(':error-code') ?? '';
  return { event: ERROR_EVENT, data: JSON.stringify({ code, message: headers.get(':error-message') ?? '' }) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readPayload(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed('The payload of a message is not UTF-8.');
  }
}

/** Bytes of a value by its type: booleans, byte, short, integer, long, -, -, timestamp, UUID. */
const FIXED_BYTES: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [1, 0],
  [2, 1],
  [3, 2],
  [4, 4],
  [5, 8],
  [8, 8],
  [9, 16],
]);
/** Of those types whose value begins with its length. */
const BYTES_TYPE = 6;
const STRING_TYPE = 7;

/** The headers that are texts; no others are looked at. */
function readHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  try {
    for (let at = 0; at < bytes.length; ) {
      const nameEnd = at + 1 + bytes.readUInt8(at);
      const type = bytes.readUInt8(nameEnd);
      const fixed = FIXED_BYTES.get(type);
      if (fixed === undefined && type !== BYTES_TYPE && type !== STRING_TYPE) {
        throw malformed('A header has an unknown type.');
      }
      const start = nameEnd + (fixed === undefined ? 3 : 1);
      const end = start + (fixed ?? bytes.readUInt16BE(nameEnd + 1));
      if (end > bytes.length) throw malformed('A header is longer than its message.');
      if (type === STRING_TYPE) {
        headers.set(bytes.toString('utf8', at + 1, nameEnd), bytes.toString('utf8', start, end));
      }
      at = end;
    }
  } catch (cause) {
    throw cause instanceof AttemptError ? cause : malformed('A header is cut off.');
  }
  return headers;
}

function malformed(message: string): AttemptError {
  return new AttemptError('MALFORMED', message);
}
