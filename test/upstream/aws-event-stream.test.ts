import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Frame } from '../../server/dialects/dialect.ts';
import { AttemptError } from '../../server/errors/attempt-error.ts';
import { decodeAwsEventStream } from '../../server/upstream/aws-event-stream.ts';
import { encodeAwsEventFrame } from '../../server/upstream/aws-event-stream-encoder.ts';

afterEach(() => vi.restoreAllMocks());

async function* bodyOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

interface Read {
  readonly frames: Frame[];
  readonly failure: string | undefined;
}

async function read(pieces: readonly Uint8Array[]): Promise<Read> {
  const frames: Frame[] = [];
  try {
    for await (const batch of decodeAwsEventStream(bodyOf(pieces))) frames.push(...batch);
    return { frames, failure: undefined };
  } catch (thrown) {
    if (thrown instanceof AttemptError) return { frames, failure: thrown.failure };
    throw thrown;
  }
}

/** A message put together by hand: headers and payload as bytes, lengths as given or right. */
function message(headers: Uint8Array, payload: Uint8Array, lengths: { total?: number; headers?: number } = {}): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(lengths.total ?? 16 + headers.length + payload.length, 0);
  head.writeUInt32BE(lengths.headers ?? headers.length, 4);
  const prelude = Buffer.alloc(4);
  prelude.writeUInt32BE(crc32(head));
  const before = Buffer.concat([head, prelude, headers, payload]);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(before));
  return Buffer.concat([before, end]);
}

function header(name: string, type: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([type]), value]);
}

function text(name: string, value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return header(name, 7, Buffer.concat([length, Buffer.from(value)]));
}

const frames: Frame[] = [
  { event: 'messageStart', data: '{"role":"assistant"}' },
  { event: 'contentBlockDelta', data: '{"delta":{"text":"Grüße, 世界 🌍"},"contentBlockIndex":0}' },
  { event: 'throttlingException', data: '{"message":"slow down"}' },
  { event: 'empty', data: '' },
];
const bytes = Buffer.concat(frames.map(encodeAwsEventFrame));

describe('messages as AWS itself writes them', () => {
  it('the empty message of its test vectors is an event without name and data', async () => {
    const empty = Buffer.from('000000100000000005c248eb7d98c8ff', 'hex');
    expect(await read([empty])).toEqual({ frames: [{ event: '', data: '' }], failure: undefined });
  });

  it('an exception has the name of its type', async () => {
    const recorded =
      'AAAA3QAAAGfHkZB6DTptZXNzYWdlLXR5cGUHAAlleGNlcHRpb24POmV4Y2VwdGlvbi10eXBlBwAZbW9kZWxTdHJlYW1FcnJvckV4Y2VwdGlvbg06' +
      'Y29udGVudC10eXBlBwAQYXBwbGljYXRpb24vanNvbnsibWVzc2FnZSI6Ik1vZGVsIFN0cmVhbSBFcnJvciIsIm9yaWdpbmFsU3RhdHVzQ29kZSI6' +
      'NTAwLCJvcmlnaW5hbE1lc3NhZ2UiOiJUaGUgbW9kZWwgc3RyZWFtIGZhaWxlZC4ifVczQxM=';
    const { frames: got } = await read([Buffer.from(recorded, 'base64')]);
    expect(got.map(({ event }) => event)).toEqual(['modelStreamErrorException']);
    expect(JSON.parse(got[0]!.data)).toMatchObject({ message: 'Model Stream Error', originalStatusCode: 500 });
  });

  it('an unmodeled error tells its code and its words', async () => {
    const headers = [text(':message-type', 'error'), text(':error-code', 'Internal'), text(':error-message', 'oh')];
    const { frames: got } = await read([message(Buffer.concat(headers), Buffer.alloc(0))]);
    expect(got).toEqual([{ event: 'error', data: '{"code":"Internal","message":"oh"}' }]);
  });

  it('headers of all ten types are passed over', async () => {
    const values: readonly (readonly [number, number])[] = [
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 4],
      [5, 8],
      [8, 8],
      [9, 16],
    ];
    const headers = [
      ...values.map(([type, size]) => header(`h${type}`, type, Buffer.alloc(size, 7))),
      header('bytes', 6, Buffer.from([0, 3, 1, 2, 3])),
      text(':event-type', 'metadata'),
    ];
    const { frames: got } = await read([message(Buffer.concat(headers), Buffer.from('{}'))]);
    expect(got).toEqual([{ event: 'metadata', data: '{}' }]);
  });
});

describe('however a body is cut into pieces', () => {
  it('its frames are the same, at every one cut', async () => {
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(await read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual({ frames, failure: undefined });
    }
  });

  it('its frames are the same, byte by byte', async () => {
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await read(pieces)).toEqual({ frames, failure: undefined });
  });

  it('what is encoded is decoded again', async () => {
    const frame = fc.record({ event: fc.stringMatching(/^[a-zA-Z]{0,40}$/), data: fc.string({ unit: 'grapheme' }) });
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 6 }), fc.integer({ min: 1, max: 90 }), async (wanted, size) => {
        const all = Buffer.concat(wanted.map(encodeAwsEventFrame));
        const pieces: Buffer[] = [];
        for (let at = 0; at < all.length; at += size) pieces.push(all.subarray(at, at + size));
        expect(await read(pieces)).toEqual({ frames: wanted, failure: undefined });
      }),
    );
  });

  it('a message in many pieces is copied a few times, not once for each piece', async () => {
    const long = encodeAwsEventFrame({ event: 'contentBlockDelta', data: 'x'.repeat(4_000_000) });
    const pieces: Buffer[] = [];
    for (let at = 0; at < long.length; at += 100) pieces.push(long.subarray(at, at + 100));
    let copied = 0;
    const concat = Buffer.concat;
    vi.spyOn(Buffer, 'concat').mockImplementation((list, total) => {
      const joined = concat(list, total);
      copied += joined.length;
      return joined;
    });
    expect((await read(pieces)).frames).toHaveLength(1);
    expect(copied).toBeLessThan(3 * long.length);
  });
});

describe('a body that is not right', () => {
  it('is INTERRUPTED where it ends within a message, after the frames before', async () => {
    const ends = frames.map((_, index) => Buffer.concat(frames.slice(0, index + 1).map(encodeAwsEventFrame)).length);
    for (let end = 1; end < bytes.length; end += 1) {
      const whole = ends.filter((one) => one <= end).length;
      const failure = ends.includes(end) ? undefined : 'INTERRUPTED';
      expect(await read([bytes.subarray(0, end)])).toEqual({ frames: frames.slice(0, whole), failure });
    }
  });

  it('is MALFORMED where any byte of a message is another, and keeps the frame before', async () => {
    const [good, bad] = [encodeAwsEventFrame(frames[0]!), encodeAwsEventFrame(frames[1]!)];
    for (let at = 0; at < bad.length; at += 1) {
      const changed = Buffer.from(bad);
      changed[at]! ^= 0x10;
      const { frames: got, failure } = await read([Buffer.concat([good, changed])]);
      expect([at, failure]).toEqual([at, 'MALFORMED']);
      expect(got).toEqual([frames[0]]);
    }
  });

  it.each([
    ['a message shorter than itself', { total: 15 }],
    ['a message of no length', { total: 0 }],
    ['a message of 4 GiB', { total: 0xffff_ffff }],
    ['a message beyond the limit', { total: 17 * 1024 * 1024 }],
    ['headers longer than their message', { headers: 1000 }],
    ['headers of 4 GiB', { headers: 0xffff_ffff }],
    ['headers beyond the limit', { total: 400_000, headers: 200_000 }],
  ])('is MALFORMED at once for %s, before more is read', async (_, lengths) => {
    const { failure } = await read([message(Buffer.alloc(0), Buffer.from('{}'), lengths)]);
    expect(failure).toBe('MALFORMED');
  });

  it.each([
    ['a header whose name ends behind the headers', Buffer.from([200, 97, 98])],
    ['a header without a value', Buffer.from([1, 97, 7])],
    ['a header whose text ends behind the headers', Buffer.from([1, 97, 7, 0xff, 0xff, 97])],
    ['a header of an unknown type', Buffer.from([1, 97, 10, 0, 0])],
    ['a header whose number ends behind the headers', Buffer.from([1, 97, 5, 0, 0])],
  ])('is MALFORMED for %s', async (_, headers) => {
    expect((await read([message(headers, Buffer.from('{}'))])).failure).toBe('MALFORMED');
  });

  it('is MALFORMED for a payload that is not UTF-8', async () => {
    const headers = text(':event-type', 'metadata');
    expect((await read([message(headers, Buffer.from([0x7b, 0xff, 0x7d]))])).failure).toBe('MALFORMED');
  });

  it('never does anything but end, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), async (pieces) => {
        expect(['MALFORMED', 'INTERRUPTED', undefined]).toContain((await read(pieces)).failure);
      }),
    );
  });
});
