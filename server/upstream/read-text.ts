import { AttemptError } from '../errors/attempt-error.ts';

/** What to do with a body beyond the limit: leave the rest unread, or throw. */
export type Overrun = 'cut' | 'fail';

// ignoreBOM keeps its default: a byte order mark is not part of the text.
const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');

/**
 * Reads a body as UTF-8 text, at most limitBytes of it. 'cut' is for texts that are only shown: it closes the
 * connection at the limit and puts U+FFFD for what is not UTF-8. 'fail' throws AttemptError MALFORMED in both cases.
 */
export async function readText(body: AsyncIterable<Uint8Array>, limitBytes: number, overrun: Overrun): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.byteLength;
    if (size <= limitBytes) continue;
    if (overrun === 'fail') throw new AttemptError('MALFORMED', `The answer is larger than ${limitBytes} bytes.`);
    break;
  }
  const [first] = pieces;
  const bytes = pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces, size);
  if (overrun === 'fail') return decodeStrict(bytes);
  return lenient.decode(bytes.subarray(0, wholeCharacters(bytes, limitBytes)));
}

function decodeStrict(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch (cause) {
    throw new AttemptError('MALFORMED', 'The answer is not UTF-8.', { cause });
  }
}

/** The limit, moved down where it falls inside a character: bytes 10xxxxxx continue one. */
function wholeCharacters(bytes: Uint8Array, limit: number): number {
  if (bytes.byteLength <= limit) return bytes.byteLength;
  let end = limit;
  while (end > 0 && limit - end < 3 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}
