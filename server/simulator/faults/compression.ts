import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { Step } from '../step.ts';
import { type Fault, parameter } from './fault.ts';
import { mapHead, withoutLength } from './steps.ts';

const MIB = 1024 * 1024;

/** Header of a gzip member without name or time, and its last, empty block. RFC 1952, RFC 1951. */
const GZIP_HEADER = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
const LAST_BLOCK = Buffer.of(0x03, 0x00);

/** Compressed bodies. They come whether the client accepts them or not. */
export const COMPRESSION: readonly Fault[] = [
  {
    name: 'gzip',
    description: 'The body is compressed, and each piece of a stream can be read as it comes.',
    parameters: [],
    changeSteps: (steps) => withEncoding(gzip(steps)),
  },
  {
    name: 'gzip-bomb',
    description: 'The body is small on the wire and huge when unpacked: about 1 : 1000.',
    parameters: [parameter('mib', '1024', 'MiB when unpacked.')],
    changeSteps: (steps, scene) => withEncoding(gzip(inflate(steps, scene.number('mib')))),
  },
];

function withEncoding(steps: Iterable<Step>): Iterable<Step> {
  return mapHead(withoutLength(steps), (head) => ({
    ...head,
    headers: [...head.headers, ['content-encoding', 'gzip']],
  }));
}

/** One gzip member over the whole body, flushed after each piece. */
function* gzip(steps: Iterable<Step>): Iterable<Step> {
  let opening = GZIP_HEADER;
  let checksum = 0;
  let length = 0;
  let repeated: { readonly from: Uint8Array; readonly to: Uint8Array } | undefined;
  for (const step of steps) {
    if (step.kind === 'end') yield { kind: 'bytes', bytes: Buffer.concat([opening, trailer(checksum, length)]) };
    if (step.kind !== 'bytes') {
      yield step;
      continue;
    }
    // Blocks refer to nothing before them, so that equal pieces compress to equal bytes: a bomb compresses one only.
    if (repeated?.from !== step.bytes) {
      repeated = { from: step.bytes, to: deflateRawSync(step.bytes, { finishFlush: constants.Z_SYNC_FLUSH }) };
    }
    yield { kind: 'bytes', bytes: Buffer.concat([opening, repeated.to]) };
    opening = Buffer.alloc(0);
    checksum = crc32(step.bytes, checksum);
    length += step.bytes.length;
  }
}

function trailer(checksum: number, length: number): Uint8Array {
  const sums = Buffer.alloc(8);
  sums.writeUInt32LE(checksum, 0);
  sums.writeUInt32LE(length % 2 ** 32, 4);
  return Buffer.concat([LAST_BLOCK, sums]);
}

/** Puts so many MiB of spaces before the body: still JSON, and still a stream of events. */
function* inflate(steps: Iterable<Step>, mib: number): Iterable<Step> {
  const spaces = Buffer.alloc(MIB, ' ');
  for (const step of steps) {
    yield step;
    if (step.kind !== 'head') continue;
    for (let i = 0; i < mib; i++) yield { kind: 'bytes', bytes: spaces };
  }
}
