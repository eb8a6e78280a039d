import type { IncomingMessage } from 'node:http';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { SluiceError } from '../errors/sluice-error.ts';

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** The JSON object that a request holds. Throws SluiceError REQUEST_TOO_LARGE or INVALID_REQUEST. */
export async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_BODY_BYTES) throw new SluiceError('REQUEST_TOO_LARGE', 'The body is larger than 64 MiB.');
    pieces.push(piece);
  }
  return parseBody(Buffer.concat(pieces).toString('utf8'));
}

function parseBody(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SluiceError('INVALID_REQUEST', 'The body is not JSON.', { cause });
  }
  if (!isJsonObject(value)) throw new SluiceError('INVALID_REQUEST', 'The body is not a JSON object.');
  return value;
}
