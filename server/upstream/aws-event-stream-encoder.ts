import { crc32 } from 'node:zlib';
import type { Frame } from '../dialects/dialect.ts';

/** A frame as one message of application/vnd.amazon.eventstream; see aws-event-stream.ts for its layout. */
export function encodeAwsEventFrame({ event, data }: Frame): Buffer {
  const kind = event.endsWith('Exception') ? 'exception' : 'event';
  const headers = Buffer.concat([
    encodeHeader(':message-type', kind),
    encodeHeader(`:${kind}-type`, event),
    encodeHeader(':content-type', 'application/json'),
  ]);
  const payload = Buffer.from(data, 'utf8');
  const message = Buffer.alloc(12 + headers.length + payload.length + 4);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(headers.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  headers.copy(message, 12);
  payload.copy(message, 12 + headers.length);
  message.writeUInt32BE(crc32(message.subarray(0, message.length - 4)), message.length - 4);
  return message;
}

/** A header whose value is a text, type 7. */
function encodeHeader(name: string, value: string): Buffer {
  const length = Buffer.alloc(3);
  length.writeUInt8(7, 0);
  length.writeUInt16BE(Buffer.byteLength(value, 'utf8'), 1);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name, 'utf8'), length, Buffer.from(value, 'utf8')]);
}
