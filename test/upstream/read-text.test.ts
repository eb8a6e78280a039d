import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readText } from '../../server/upstream/read-text.ts';
import { failureOf } from './loopback.ts';

const MALFORMED = expect.objectContaining({ name: 'AttemptError', failure: 'MALFORMED' });

function bodyOf(bytes: Uint8Array, size = bytes.byteLength) {
  const state = { left: false };
  async function* pieces(): AsyncGenerator<Uint8Array, undefined> {
    try {
      for (let start = 0; start < bytes.byteLength; start += size) yield bytes.subarray(start, start + size);
    } finally {
      state.left = true;
    }
  }
  return { body: pieces(), state };
}

const textOf = (text: string) => bodyOf(Buffer.from(text), 3).body;

describe('readText', () => {
  it('reads text of any characters, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 }), async (text, size) => {
        const bytes = Buffer.from(text);
        expect(await readText(bodyOf(bytes, size).body, bytes.length, 'fail')).toBe(text.replace(/^\ufeff/, ''));
        expect(await readText(bodyOf(bytes, size).body, bytes.length, 'cut')).toBe(text.replace(/^\ufeff/, ''));
      }),
    );
  });

  it('reads an empty body as empty text', async () => {
    expect(await readText(textOf(''), 0, 'fail')).toBe('');
  });

  it('leaves a byte order mark out', async () => {
    expect(await readText(textOf('\ufeff{}'), 100, 'fail')).toBe('{}');
  });

  it('fails one byte over the limit and not at it', async () => {
    expect(await readText(textOf('abcdef'), 6, 'fail')).toBe('abcdef');
    expect(await failureOf(readText(textOf('abcdefg'), 6, 'fail'))).toEqual(MALFORMED);
  });

  it('cuts at the limit, at the end of a whole character, and leaves the rest unread', async () => {
    const { body, state } = bodyOf(Buffer.from('aä€😀'.repeat(10)), 4);
    expect(await readText(body, 5, 'cut')).toBe('aä');
    expect(state.left).toBe(true);
  });

  it('cuts any text to a beginning of it that fits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.nat({ max: 40 }), async (raw, limit) => {
        const text = raw.toWellFormed().replace(/^\ufeff+/, '');
        const cut = await readText(textOf(text), limit, 'cut');
        expect(text.startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limit);
        expect(Buffer.byteLength(cut)).toBeGreaterThan(Math.min(limit, Buffer.byteLength(text)) - 4);
      }),
    );
  });

  it('fails for what is not UTF-8, or shows it as U+FFFD', async () => {
    const bytes = Buffer.from([0x61, 0xff, 0x62]);
    expect(await failureOf(readText(bodyOf(bytes).body, 100, 'fail'))).toEqual(MALFORMED);
    expect(await readText(bodyOf(bytes).body, 100, 'cut')).toBe('a\ufffdb');
  });
});
