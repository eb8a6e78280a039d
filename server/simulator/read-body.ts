import type { IncomingMessage } from 'node:http';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { SluiceError } from '../errors/sluice-error.ts';

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** The bytes of a request's body. Throws SluiceError REQUEST_TOO_LARGE. */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_BODY_BYTES) throw new SluiceError('REQUEST_TOO_LARGE', 'The body is larger than 64 MiB.');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The JSON object that a body holds. Throws SluiceError INVALID_REQUEST. */
export function parseBody(bytes: Buffer): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new SluiceError('INVALID_REQUEST', 'The body is not JSON.', { cause });
  }
  if (!isJsonObject(value)) throw new SluiceError('INVALID_REQUEST', 'The body is not a JSON object.');
  return value;
}
