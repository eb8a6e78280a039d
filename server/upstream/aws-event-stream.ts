import { crc32 } from 'node:zlib';
import type { Frame } from '../dialects/dialect.ts';
import { AttemptError } from '../errors/attempt-error.ts';

// application/vnd.amazon.eventstream, as the Smithy specification has it:
// https://smithy.io/2.0/aws/amazon-eventstream.html#amazon-event-stream-specification
//
//   total length u32 | headers length u32 | CRC-32 of these 8 bytes u32 | headers | payload | CRC-32 of all before u32
//
// All numbers are big-endian. A header is: name length u8, name, type u8, value.

/** The longest message, in bytes; the specification allows 16 MiB of payload. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024 + 128 * 1024;
const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;

/**
 * The frames of a body, in batches: one for each piece that completed at least one. A frame's event is the message's
 * ":event-type", of exceptions ":exception-type", of unmodeled errors ":error-code"; its data is the payload, of
 * unmodeled errors {"message": …}. Throws AttemptError MALFORMED for a wrong checksum or length, INTERRUPTED where the body ends
 * within a message, both after the frames before, and what the body throws.
 */
export async function* decodeAwsEventStream(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly Frame[], undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of body) {
    rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
    const frames: Frame[] = [];
    let failure: unknown;
    try {
      for (let length = messageLength(rest); length !== undefined; length = messageLength(rest)) {
        frames.push(readMessage(rest.subarray(0, length)));
        rest = rest.subarray(length);
      }
    } catch (thrown) {
      failure = thrown;
    }
    if (frames.length > 0) yield frames;
    if (failure !== undefined) throw failure;
  }
  if (rest.length > 0) throw new AttemptError('INTERRUPTED', 'The event stream ended within a message.');
}

/** The length of the first message where it is whole, else undefined. */
function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length < PRELUDE_BYTES) return undefined;
  if (crc32(bytes.subarray(0, 8)) !== bytes.readUInt32BE(8)) throw malformed('The prelude has a wrong checksum.');
  const length = bytes.readUInt32BE(0);
  const headers = bytes.readUInt32BE(4);
  if (length > MAX_MESSAGE_BYTES || length < PRELUDE_BYTES + headers + CRC_BYTES) {
    throw malformed('A message has an impossible length.');
  }
  return bytes.length < length ? undefined : length;
}

function readMessage(message: Buffer): Frame {
  const end = message.length - CRC_BYTES;
  if (crc32(message.subarray(0, end)) !== message.readUInt32BE(end)) throw malformed('A message has a wrong checksum.');
  const payloadStart = PRELUDE_BYTES + message.readUInt32BE(4);
  const headers = readHeaders(message.subarray(PRELUDE_BYTES, payloadStart));
  const data = message.toString('utf8', payloadStart, end);
  if (headers.get(':message-type') !== 'error') {
    return { event: headers.get(':exception-type') ?? headers.get(':event-type') ?? '', data };
  }
  const text = JSON.stringify({ message: headers.get(':error-message') ?? '' });
  return { event: headers.get(':error-code') ?? 'error', data: text };
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
const STRING_TYPE = 7;

/** The headers that are texts; no others are looked at. */
function readHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  try {
    for (let at = 0; at < bytes.length; ) {
      const nameEnd = at + 1 + bytes.readUInt8(at);
      const type = bytes.readUInt8(nameEnd);
      const fixed = FIXED_BYTES.get(type);
      const start = nameEnd + (fixed === undefined ? 3 : 1);
      const end = start + (fixed ?? bytes.readUInt16BE(nameEnd + 1));
      if (end > bytes.length) throw malformed('A header is longer than its message.');
      if (type === STRING_TYPE)
        headers.set(bytes.toString('utf8', at + 1, nameEnd), bytes.toString('utf8', start, end));
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
