import { describe, expect, it } from 'vitest';
import { said } from '../../bars/support/truncation/cuts.ts';
import { DIALECT_OF_DOOR, type Door } from '../../bars/support/truncation/doors.ts';
import { type Reading, readStream } from '../../bars/support/truncation/reading.ts';
import { DIALECTS, type Dialect, STREAMS, TEXT } from '../../bars/support/truncation/streams.ts';
import type { StreamStep } from '../../server/dialects/dialect.ts';
import { chatDoorCodec, chatProviderCodec } from '../../server/dialects/registry.ts';
import { AttemptError } from '../../server/errors/attempt-error.ts';
import { SluiceError } from '../../server/errors/sluice-error.ts';
import { decodeAwsEventStream } from '../../server/upstream/aws-event-stream.ts';
import { decodeSse } from '../../server/upstream/sse-decoder.ts';
import { encodeSseFrame } from '../../server/upstream/sse-encoder.ts';

const DOORS = ['chat', 'responses', 'messages', 'gemini', 'completions'] as const satisfies readonly Door[];

interface Decoded {
  readonly steps: readonly StreamStep[];
  /** Why the rest is missing; undefined where nothing is. */
  readonly failure: unknown;
}

/** What a provider's decoder makes of a body. */
async function decode(dialect: Dialect, bytes: Uint8Array): Promise<Decoded> {
  const codec = chatProviderCodec(dialect);
  if (codec === undefined) throw new Error(`${dialect} has no chat`);
  const decoder = codec.createStreamDecoder({});
  const steps: StreamStep[] = [];
  async function* body() {
    yield bytes;
  }
  try {
    const frames = codec.framing === 'sse' ? decodeSse(body()) : decodeAwsEventStream(body());
    for await (const batch of frames) for (const frame of batch) steps.push(decoder.push(frame));
  } catch (failure) {
    if (!decoder.terminated) return { steps, failure };
  }
  try {
    return { steps: [...steps, decoder.end()], failure: undefined };
  } catch (failure) {
    return { steps, failure };
  }
}

/** What a caller reads of it. */
function readAt(door: (typeof DOORS)[number], { steps, failure }: Decoded): Reading {
  const encoder = chatDoorCodec(DIALECT_OF_DOOR[door] ?? 'openai-completions').createStreamEncoder({
    includeUsage: true,
  });
  const frames = steps.flatMap((step) => encoder.encode(step));
  if (failure !== undefined)
    frames.push(...encoder.encodeError(new SluiceError('STREAM_INTERRUPTED', 'It broke off.')));
  return readStream(door, Buffer.from(frames.map(encodeSseFrame).join('')));
}

/** How long a body must be to be whole: the line ends behind the last event may be missing. */
function wholeLength(dialect: Dialect): number {
  const end = STREAMS[dialect].findIndex(({ says }) => says === 'end');
  const bytes = Buffer.concat(STREAMS[dialect].slice(0, end + 1).map((piece) => piece.bytes));
  return dialect === 'bedrock-converse' ? bytes.length : bytes.toString('latin1').trimEnd().length;
}

describe.each(DIALECTS)('a stream of %s that is cut after any byte', (dialect) => {
  const pieces = STREAMS[dialect];
  const all = Buffer.concat(pieces.map(({ bytes }) => bytes));

  it('is an error until its terminal marker is there, and whole from then on', { timeout: 30_000 }, async () => {
    const needed = wholeLength(dialect);
    for (let length = 0; length <= all.length; length += 1) {
      const { failure } = await decode(dialect, all.subarray(0, length));
      if (length >= needed) expect(failure, `of ${length} bytes`).toBeUndefined();
      else expect(failure, `of ${length} bytes`).toBeInstanceOf(AttemptError);
    }
  });

  it.each(DOORS)('ends at the door %s with an error, without a marker or a reason that was not given', async (door) => {
    const own = DIALECT_OF_DOOR[door] === dialect;
    const needed = wholeLength(dialect);
    for (let length = 0; length < needed; length += 7) {
      const { errors, ends, reasons, text, faults } = readAt(door, await decode(dialect, all.subarray(0, length)));
      expect({ errors, ends, faults }, `of ${length} bytes`).toEqual({ errors: 1, ends: 0, faults: [] });
      expect(TEXT.startsWith(text)).toBe(true);
      if (!own) expect(reasons).toEqual([]);
    }
  });

  it.each(DOORS)('has all the words before the cut at the door %s', async (door) => {
    for (const count of pieces.keys()) {
      const sent = pieces.slice(0, count);
      const { text } = readAt(door, await decode(dialect, Buffer.concat(sent.map(({ bytes }) => bytes))));
      expect(text).toBe(said(sent).words);
    }
  });
});
