import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../server/upstream/decompress.ts';
import { readText } from '../../server/upstream/read-text.ts';
import { failureOf, openUpstream, readAll, send, serveHttp, untilClosed } from './loopback.ts';

const TEXT = 'data: {"delta":"ä"}\n\n'.repeat(50);
const COMPRESSED: Readonly<Record<string, Buffer>> = {
  gzip: gzipSync(TEXT),
  'x-gzip': gzipSync(TEXT),
  GZip: gzipSync(TEXT),
  deflate: deflateSync(TEXT),
  ' deflate ': deflateRawSync(TEXT),
  br: brotliCompressSync(TEXT),
  zstd: zstdCompressSync(TEXT),
  identity: Buffer.from(TEXT),
};
const MIB = 1024 * 1024;

async function* piecesOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array, undefined> {
  for (let start = 0, turn = 0; start < bytes.byteLength; turn++) {
    const end = start + (sizes[turn % sizes.length] ?? 1);
    yield bytes.subarray(start, end);
    start = end;
  }
}

const failing = (failure: string) => expect.objectContaining({ name: 'AttemptError', failure });

describe('decompress', () => {
  it.each(Object.keys(COMPRESSED))('reads %j however the body is cut', async (encoding) => {
    const bytes = COMPRESSED[encoding]!;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), async (sizes) => {
        expect((await readAll(decompress(piecesOf(bytes, sizes), encoding))).toString()).toBe(TEXT);
      }),
      { numRuns: 30 },
    );
  });

  it('gives what can be read of a stream before the rest comes', async () => {
    const server = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.write(gzipSync('first'));
    });
    const { body } = await send(openUpstream(), server.url);
    const { value } = await body[Symbol.asyncIterator]().next();
    expect(Buffer.from(value).toString()).toBe('first');
  });

  it.each(['gzip', 'deflate', 'br', 'zstd'])(
    'takes an empty body for empty, also when it says %s',
    async (encoding) => {
      expect((await readAll(decompress(piecesOf(Buffer.alloc(0), [1]), encoding))).length).toBe(0);
    },
  );

  it.each(['gzip', 'deflate', 'br', 'zstd'])('calls a %s body that stops early INTERRUPTED', async (encoding) => {
    const bytes = COMPRESSED[encoding]!;
    for (let cut = 4; cut < bytes.length - 1; cut += 3) {
      const body = decompress(piecesOf(bytes.subarray(0, cut), [7]), encoding);
      expect(await failureOf(readAll(body))).toEqual(failing('INTERRUPTED'));
    }
  });

  it.each(['gzip', 'deflate', 'br', 'zstd'])('calls a body that is not %s MALFORMED', async (encoding) => {
    const bytes = Buffer.from('{"error":{"message":"no compression here"}}');
    expect(await failureOf(readAll(decompress(piecesOf(bytes, [5]), encoding)))).toEqual(failing('MALFORMED'));
  });

  it('ends with the compressed stream, whatever follows it', async () => {
    const bytes = Buffer.concat([deflateSync(TEXT), Buffer.alloc(500, 'x')]);
    expect((await readAll(decompress(piecesOf(bytes, [40]), 'deflate'))).toString()).toBe(TEXT);
  });

  it.each(['compress', 'snappy', 'gzip, br', 'gzip;q=1'])(
    'calls %j MALFORMED, closes, and still shows the status',
    async (encoding) => {
      const server = await serveHttp((_request, response) => {
        response.writeHead(503, { 'content-encoding': encoding });
        response.write('x');
      });
      const { status, body } = await send(openUpstream(), server.url);
      expect(status).toBe(503);
      const closed = untilClosed(server.sockets[0]!);
      expect(await failureOf(readAll(body))).toEqual(failing('MALFORMED'));
      await closed;
    },
  );

  it('refuses a zstd window beyond 8 MiB', async () => {
    // A frame header (RFC 8878, 3.1.1.1) that asks for a window of 128 MiB, and an empty last block.
    const bytes = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (27 - 10) << 3, 0x01, 0x00, 0x00]);
    expect(await failureOf(readAll(decompress(piecesOf(bytes, [64]), 'zstd')))).toEqual(failing('MALFORMED'));
  });
});

describe('a decompression bomb', () => {
  const bomb = gzipSync(Buffer.alloc(256 * MIB), { level: 9 });

  it('grows only as it is read', async () => {
    const server = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const { body } = await send(openUpstream(), server.url);
    const before = process.memoryUsage().arrayBuffers;
    let pieces = 0;
    for await (const piece of body) {
      expect(piece.byteLength).toBeLessThanOrEqual(MIB);
      if (++pieces === 20) break;
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MIB);
  });

  it('ends at the limit of the text that is read from it', async () => {
    const server = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const { body } = await send(openUpstream(), server.url);
    expect(await failureOf(readText(body, MIB, 'fail'))).toEqual(failing('MALFORMED'));
  });
});
