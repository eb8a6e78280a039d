import type { Frame } from '../dialects/dialect.ts';
import { AttemptError } from '../errors/attempt-error.ts';

export interface SseOptions {
  /**
   * The longest event, in bytes. Default 8 MiB: an image in base64, which providers send in one event, takes several;
   * a provider that sends without end is still stopped long before it hurts.
   */
  readonly maxEventBytes?: number;
}

const DEFAULT_MAX_EVENT_BYTES = 8 * 1024 * 1024;

/**
 * The frames of a text/event-stream body, by the grammar of the HTML standard (9.2.6), in batches: one for each piece
 * of the body that completed at least one. Comments, id and retry are skipped. At the end of the body see
 * SseDecoder.end. Throws AttemptError MALFORMED for text that is not UTF-8 and for an event beyond the limit, after
 * the frames before it, and what the body throws.
 */
export async function* decodeSse(
  body: AsyncIterable<Uint8Array>,
  options: SseOptions = {},
): AsyncGenerator<readonly Frame[], undefined> {
  const decoder = new SseDecoder(options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES);
  for await (const piece of body) {
    for (let at = 0; at < piece.byteLength; at += PIECE_BYTES) {
      const frames = decoder.push(piece.subarray(at, at + PIECE_BYTES));
      if (frames.length > 0) yield frames;
      if (decoder.failure !== undefined) throw decoder.failure;
    }
  }
  const frames = decoder.end();
  if (frames.length > 0) yield frames;
  if (decoder.failure !== undefined) throw decoder.failure;
}

/** What is made into text at a time: frames are parts of that text, and hold all of it while they wait for a slow reader. */
const PIECE_BYTES = 16 * 1024;

const LF = 10;
const CR = 13;

// ignoreBOM keeps the mark in the text: only at the start of the body it is to be dropped, not at that of each piece.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Owns the state of one event stream. Bytes are decoded up to the last line end, which no character of UTF-8 can hold,
 * so that neither a cut line nor a cut character needs care; the rest waits as bytes.
 */
export class SseDecoder {
  readonly #maxEventBytes: number;
  #rest: Uint8Array[] = [];
  #restBytes = 0;
  #started = false;
  #afterCr = false;
  #event = '';
  #data: string | undefined;
  #failure: AttemptError | undefined;

  constructor(maxEventBytes: number) {
    this.#maxEventBytes = maxEventBytes;
  }

  /** Why no more can be read. Returned frames come before it. */
  get failure(): AttemptError | undefined {
    return this.#failure;
  }

  /** The frames that this piece completed. */
  push(piece: Uint8Array): readonly Frame[] {
    const frames: Frame[] = [];
    const afterLf = piece.lastIndexOf(LF) + 1;
    const cut = afterLf + piece.subarray(afterLf).lastIndexOf(CR) + 1;
    if (cut > 0) this.#readLines(this.#withRest(piece.subarray(0, cut)), frames);
    if (cut < piece.byteLength) this.#keep(piece.subarray(cut));
    return frames;
  }

  /**
   * What the end of the body completes. The standard drops an event that no empty line follows, but some providers end
   * with "data: [DONE]" and one line end, or none. So lines that are complete count; a last line without its end counts
   * where it closes a bracket, as [DONE] and JSON do. Any other last line was cut, and its event with it.
   */
  end(): readonly Frame[] {
    const frames: Frame[] = [];
    if (this.#restBytes > 0) {
      const line = this.#decode(this.#withRest(new Uint8Array()));
      if (!line?.startsWith('data:') || !(line.endsWith(']') || line.endsWith('}'))) return frames;
      this.#readText(`${line}\n`, frames);
    }
    this.#dispatch(frames);
    return frames;
  }

  #keep(bytes: Uint8Array): void {
    this.#rest.push(bytes);
    this.#restBytes += bytes.byteLength;
    if (this.#restBytes > this.#maxEventBytes) this.#tooLong();
  }

  #withRest(bytes: Uint8Array): Uint8Array {
    if (this.#restBytes === 0) return bytes;
    const joined = Buffer.concat([...this.#rest, bytes], this.#restBytes + bytes.byteLength);
    this.#rest = [];
    this.#restBytes = 0;
    return joined;
  }

  #readLines(lines: Uint8Array, frames: Frame[]): void {
    const text = this.#decode(lines);
    if (text !== undefined) this.#readText(text, frames);
    else this.#readUpToFault(lines, frames);
  }

  /** Line by line, so that what stands before the fault is not lost, however the body was cut into pieces. */
  #readUpToFault(lines: Uint8Array, frames: Frame[]): void {
    for (let start = 0, end = 0; start < lines.byteLength; start = end) {
      while (lines[end] !== LF && lines[end] !== CR) end++;
      end++;
      const text = this.#decode(lines.subarray(start, end));
      if (text === undefined) break;
      this.#readText(text, frames);
    }
    this.#failure ??= new AttemptError('MALFORMED', 'The event stream is not UTF-8.');
  }

  /** Text without the mark at the start of the body; undefined where the bytes are not UTF-8. */
  #decode(bytes: Uint8Array): string | undefined {
    let text: string;
    try {
      text = utf8.decode(bytes);
    } catch {
      return undefined;
    }
    if (this.#started) return text;
    this.#started = true;
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  }

  /** Reads whole lines. */
  #readText(lines: string, frames: Frame[]): void {
    // The second half of a CRLF whose first half ended the text before.
    let text = this.#afterCr && lines.startsWith('\n') ? lines.slice(1) : lines;
    this.#afterCr = text.endsWith('\r');
    if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n');
    for (let start = 0, end = 0; start < text.length && this.#failure === undefined; start = end + 1) {
      end = text.indexOf('\n', start);
      if (end === start) this.#dispatch(frames);
      else if (text.startsWith('data:', start)) this.#addData(text.slice(valueStart(text, start + 5), end));
      else this.#readField(text.slice(start, end));
    }
  }

  /** Any line but those of data, with a colon or without. */
  #readField(line: string): void {
    if (line === 'data') this.#addData('');
    else if (line === 'event') this.#event = '';
    else if (line.startsWith('event:')) this.#event = line.slice(valueStart(line, 6));
  }

  #addData(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    if (this.#data.length > this.#maxEventBytes) this.#tooLong();
  }

  #dispatch(frames: Frame[]): void {
    if (this.#data !== undefined) frames.push({ event: this.#event, data: this.#data });
    this.#data = undefined;
    this.#event = '';
  }

  #tooLong(): void {
    this.#failure ??= new AttemptError('MALFORMED', `An event is longer than ${this.#maxEventBytes} bytes.`);
  }
}

/** Behind the colon and the one space that may follow it. */
function valueStart(line: string, afterColon: number): number {
  return line.charCodeAt(afterColon) === 32 ? afterColon + 1 : afterColon;
}
