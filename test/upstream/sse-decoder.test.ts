import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../server/dialects/dialect.ts';
import { AttemptError } from '../../server/errors/attempt-error.ts';
import { decodeSse, type SseOptions } from '../../server/upstream/sse-decoder.ts';
import { encodeSseComment, encodeSseFrame } from '../../server/upstream/sse-encoder.ts';
import { openUpstream, send, serveBytes } from './loopback.ts';

/** What a body decoded to: frames, and how it failed, if it did. */
interface Outcome {
  readonly frames: readonly Frame[];
  readonly failure: string | undefined;
}

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array, undefined> {
  for (let start = 0, turn = 0; start < bytes.byteLength; turn++) {
    const end = start + (sizes[turn % sizes.length] ?? 1);
    yield bytes.subarray(start, end);
    start = end;
  }
}

async function decode(body: AsyncIterable<Uint8Array>, options?: SseOptions): Promise<Outcome> {
  const frames: Frame[] = [];
  try {
    for await (const batch of decodeSse(body, options)) frames.push(...batch);
  } catch (thrown) {
    if (!(thrown instanceof AttemptError)) throw thrown;
    return { frames, failure: thrown.failure };
  }
  return { frames, failure: undefined };
}

const whole = (text: string | Uint8Array, options?: SseOptions) =>
  decode(cut(Buffer.from(text), [Number.MAX_SAFE_INTEGER]), options);

const data = (...values: readonly string[]): Outcome => ({
  frames: values.map((value) => ({ event: '', data: value })),
  failure: undefined,
});

const CASES: readonly (readonly [name: string, text: string, outcome: Outcome])[] = [
  ['an event', 'data: a\n\n', data('a')],
  ['events', 'data: a\n\ndata: b\n\n', data('a', 'b')],
  ['CR as a line end', 'data: a\r\rdata: b\r\r', data('a', 'b')],
  ['CRLF as a line end', 'data: a\r\n\r\ndata: b\r\n\r\n', data('a', 'b')],
  ['line ends of all kinds', 'data: a\r\n\ndata: b\n\rdata: c\r\r\ndata: d\n\r\n', data('a', 'b', 'c', 'd')],
  ['a byte order mark at the start', '\ufeffdata: a\n\n', data('a')],
  ['a byte order mark elsewhere as part of a name', 'data: a\n\n\ufeffdata: b\n\n', data('a')],
  ['a byte order mark within data', 'data: \ufeffa\n\n', data('\ufeffa')],
  ['comments', ': OPENROUTER PROCESSING\n\n:\ndata: a\n:x\n\n', data('a')],
  ['lines of data', 'data: a\ndata: b\ndata:\ndata: c\n\n', data('a\nb\n\nc')],
  ['data without a space', 'data:a\n\n', data('a')],
  ['data with two spaces', 'data:  a \n\n', data(' a ')],
  ['data with a tab', 'data:\ta\n\n', data('\ta')],
  ['data without a value', 'data:\n\n', data('')],
  ['data without a colon', 'data\n\n', data('')],
  ['two lines of data without values', 'data\ndata\n\n', data('\n')],
  ['data with colons', 'data: {"a":"b:c"}\n\n', data('{"a":"b:c"}')],
  ['names', 'event: ping\ndata: a\n\n', { frames: [{ event: 'ping', data: 'a' }], failure: undefined }],
  ['a name behind its data', 'data: a\nevent:ping\n\n', { frames: [{ event: 'ping', data: 'a' }], failure: undefined }],
  ['a name of one event only', 'event: ping\n\ndata: a\n\n', data('a')],
  [
    'the last of two names',
    'event: x\nevent: y\ndata: a\n\n',
    { frames: [{ event: 'y', data: 'a' }], failure: undefined },
  ],
  ['a name taken back', 'event: x\nevent\ndata: a\n\n', data('a')],
  ['id, retry and unknown fields', 'id: 1\nretry: 5\ndata: a\nfoo: b\ndatas: c\nDATA: d\n data: e\n\n', data('a')],
  ['an event without data', 'event: x\nid: 1\n\n\n\n', data()],
  ['characters beyond ASCII', 'data: ä€😀\u2028\u0085x\n\n', data('ä€😀\u2028\u0085x')],
  ['NUL within data', 'data: a\0b\n\n', data('a\0b')],
  ['an empty body', '', data()],
  ['a last event without its empty line', 'data: a\n\ndata: [DONE]\n', data('a', '[DONE]')],
  ['a last event without any line end', 'data: a\n\ndata: [DONE]', data('a', '[DONE]')],
  [
    'a last event of JSON without a line end',
    'event: stop\ndata: {"a":1}',
    { frames: [{ event: 'stop', data: '{"a":1}' }], failure: undefined },
  ],
  ['a last event behind a byte order mark', '\ufeffdata: [DONE]', data('[DONE]')],
  ['no last event that was cut in its data', 'data: a\n\ndata: {"a":"b', data('a')],
  ['no last event that was cut in its second line', 'data: {"a":\ndata: 1', data()],
  ['no last event that was cut in the name of a field', 'data: a\n\ndata: b\nda', data('a')],
  ['a stream of line ends', '\n\r\n\r\r\n\n', data()],
];

describe('decodeSse', () => {
  it.each(CASES)('reads %s', async (_name, text, outcome) => {
    expect(await whole(text)).toEqual(outcome);
    expect(await decode(cut(Buffer.from(text), [1]))).toEqual(outcome);
  });

  it('throws MALFORMED for what is not UTF-8, after what stands before it', async () => {
    const bytes = Buffer.concat([
      Buffer.from('data: a\n\ndata: b\n\ndata: '),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('\n\n'),
    ]);
    const outcome = { ...data('a', 'b'), failure: 'MALFORMED' };
    expect(await whole(bytes)).toEqual(outcome);
    expect(await decode(cut(bytes, [1]))).toEqual(outcome);
  });

  it('takes no last event that was cut within a character', async () => {
    expect(await whole(Buffer.from('data: a\n\ndata: ä').subarray(0, -1))).toEqual(data('a'));
  });

  it.each([
    ['one long line', `data: ${'x'.repeat(2000)}\n\n`],
    ['a line without end', `data: ${'x'.repeat(2000)}`],
    ['a comment without end', `:${'x'.repeat(2000)}`],
    ['many lines of data', 'data: xxxxxxxxx\n'.repeat(200)],
  ])('throws MALFORMED for an event over the limit: %s', async (_name, text) => {
    const outcome = { ...data('a'), failure: 'MALFORMED' };
    expect(await whole(`data: a\n\n${text}`, { maxEventBytes: 1000 })).toEqual(outcome);
    expect(await decode(cut(Buffer.from(`data: a\n\n${text}`), [7]), { maxEventBytes: 1000 })).toEqual(outcome);
  });

  it('takes many events that are over the limit only together', async () => {
    const { frames } = await whole('data: 0123456789\n\n'.repeat(1000), { maxEventBytes: 20 });
    expect(frames).toHaveLength(1000);
  });

  it('stops reading a line without end at the limit', async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<Uint8Array, undefined> {
      while (true) {
        read += 1000;
        yield Buffer.alloc(1000, 'x');
      }
    }
    expect((await decode(endless(), { maxEventBytes: 10_000 })).failure).toBe('MALFORMED');
    expect(read).toBe(11_000);
  });

  it('takes an image of a few MiB in one event by default', async () => {
    const image = 'A'.repeat(6 * 1024 * 1024);
    expect((await decode(cut(Buffer.from(`data: ${image}\n\n`), [16_384]))).frames[0]?.data.length).toBe(image.length);
  });

  it('gives one batch for each piece that completed frames', async () => {
    const pieces = ['data: a\n\ndata: b\n\nda', 'ta: c', '\n\n', ': ping\n\n'];
    async function* body(): AsyncGenerator<Uint8Array, undefined> {
      for (const piece of pieces) yield Buffer.from(piece);
    }
    const batches: unknown[] = [];
    for await (const batch of decodeSse(body())) batches.push(batch.map((frame) => frame.data));
    expect(batches).toEqual([['a', 'b'], ['c']]);
  });

  it('passes on what its body throws, after the frames before it', async () => {
    const server = await serveBytes('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\ndata: a\n\ndata: [DONE]', 'end');
    const { body } = await send(openUpstream(), server.url);
    // The cut body is not taken for its end: [DONE] may have had more to it.
    expect(await decode(body)).toEqual({ ...data('a'), failure: 'INTERRUPTED' });
  });

  it('leaves its body when it is left', async () => {
    let left = false;
    async function* body(): AsyncGenerator<Uint8Array, undefined> {
      try {
        while (true) yield Buffer.from('data: a\n\n');
      } finally {
        left = true;
      }
    }
    for await (const _batch of decodeSse(body())) break;
    expect(left).toBe(true);
  });
});

const chunk = (text: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content: text } }] })}\n\n`;
const spoken = ['Grüße', ' ', '世界', ' 👋🏽', '\n\n', '"quoted"'].map(chunk).join('');

/** Streams in the manner of two providers. */
const STREAMS = [
  `: ping\n\n${spoken}data: [DONE]\n\n`,
  `event: message_start\r\ndata: {"type":"message_start"}\r\n\r\n${spoken.replaceAll('\n', '\r\n')}`,
];

/** Text that is full of what the grammar cares about. */
const tangled = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r',
        '\r\n',
        '\n\n',
        '\r\n\r\n',
        ':',
        ' ',
        'data',
        'data:',
        'data: ',
        'event: ',
        'id: 1',
        '\ufeff',
      ),
      fc.constantFrom('{"a":1}', '[DONE]', 'ä', '😀', 'x', '\u2028'),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join('')));
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 10 });

describe('the laws of event streams', () => {
  it('any cut of any bytes gives the same frames and the same end', async () => {
    const bytes = fc.oneof(
      tangled,
      fc.uint8Array({ maxLength: 60 }).map((raw) => Buffer.from(raw)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.uint8Array({ maxLength: 2 }), sizes, async (start, noise, cuts) => {
        const body = Buffer.concat([start, noise, Buffer.from('\n\ndata: z\n\n')]);
        expect(await decode(cut(body, cuts))).toEqual(await whole(body));
      }),
      { numRuns: 3000 },
    );
  });

  it.each(STREAMS)('any cut of a whole stream gives the same frames: %j', async (stream) => {
    const expected = await whole(stream);
    expect(expected.frames.length).toBeGreaterThan(6);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 10 }), async (cuts) => {
        expect(await decode(cut(Buffer.from(stream), cuts))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('what is encoded is decoded to the same, comments between or not', async () => {
    const text = fc.string({ unit: 'grapheme' }).map((value) => value.replace(/\r\n?/g, '\n'));
    const name = text.map((value) => value.replace(/\n/g, ''));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ event: name, data: text })), fc.string(), async (frames, comment) => {
        const stream = frames.map((frame) => `${encodeSseComment(comment)}${encodeSseFrame(frame)}`).join('');
        expect(await whole(stream)).toEqual({ frames, failure: undefined });
      }),
    );
  });
});

describe('the encoder', () => {
  it.each([
    [{ event: '', data: 'a' }, 'data: a\n\n'],
    [{ event: 'ping', data: '{}' }, 'event: ping\ndata: {}\n\n'],
    [{ event: '', data: '' }, 'data: \n\n'],
    [{ event: '', data: 'a\nb\r\nc\rd\n' }, 'data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n'],
    [{ event: 'a\ndata: forged\n\n', data: 'b' }, 'event: a data: forged  \ndata: b\n\n'],
  ])('writes %j', (frame, text) => {
    expect(encodeSseFrame(frame)).toBe(text);
  });

  it.each([
    ['keepalive', ': keepalive\n\n'],
    ['', ': \n\n'],
    ['a\ndata: forged', ': a\n: data: forged\n\n'],
  ])('writes the comment %j', async (comment, text) => {
    expect(encodeSseComment(comment)).toBe(text);
    expect(await whole(text)).toEqual(data());
  });
});
