import { StringDecoder } from 'node:string_decoder';
import { chatDoorCodec, chatProviderCodec } from '../../server/dialects/registry.ts';
import { SseDecoder } from '../../server/upstream/sse-decoder.ts';
import { encodeSseFrame } from '../../server/upstream/sse-encoder.ts';
import { BURSTS, type BurstDialect } from './bursts.ts';
import type { CodecPair } from './pairs.ts';

/** What a read of a busy connection brings. */
const PIECE_BYTES = 8 * 1024;
const MAX_EVENT_BYTES = 1024 * 1024;

/** A burst in pieces, cut wherever. */
export function piecesOf(dialect: BurstDialect): readonly Buffer[] {
  const all = BURSTS[dialect];
  return Array.from({ length: Math.ceil(all.length / PIECE_BYTES) }, (_unused, at) =>
    all.subarray(at * PIECE_BYTES, (at + 1) * PIECE_BYTES),
  );
}

/** One stream through the codecs: bytes to frames to steps to frames to bytes. Returns how many bytes came out. */
export function recode(pieces: readonly Buffer[], { from, to }: CodecPair): number {
  const decoder = chatProviderCodec(from)?.createStreamDecoder({});
  if (decoder === undefined) throw new Error(`There is no codec ${from}.`);
  const encoder = chatDoorCodec(to).createStreamEncoder({ includeUsage: false });
  const sse = new SseDecoder(MAX_EVENT_BYTES);
  let bytes = 0;
  for (const piece of pieces) {
    let out = '';
    for (const frame of sse.push(piece)) {
      for (const written of encoder.encode(decoder.push(frame))) out += encodeSseFrame(written);
    }
    bytes += Buffer.from(out).length;
  }
  const last = encoder.encode(decoder.end()).map(encodeSseFrame).join('');
  return bytes + Buffer.from(last).length;
}

/** The floor: each event parsed and written again, as floors/stream.ts does it. */
export function reencode(pieces: readonly Buffer[]): number {
  const decoder = new StringDecoder();
  let unfinished = '';
  let bytes = 0;
  for (const piece of pieces) {
    const lines = (unfinished + decoder.write(piece)).split('\n');
    unfinished = lines.pop() ?? '';
    bytes += Buffer.from(lines.map(reencodedLine).join('')).length;
  }
  return bytes;
}

function reencodedLine(line: string): string {
  if (line.startsWith('event: ')) return `${line}\n`;
  if (!line.startsWith('data: ')) return '';
  const data = line.slice(6);
  return data === '[DONE]' ? 'data: [DONE]\n\n' : `data: ${JSON.stringify(JSON.parse(data))}\n\n`;
}
