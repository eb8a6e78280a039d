import { crc32 } from 'node:zlib';
import type { Step } from '../step.ts';
import { FAULTY_END } from '../step.ts';
import { type Fault, parameter, type Scene } from './fault.ts';
import { fillerFrame, formatMembers } from './format-members.ts';
import { breakAfter, withoutLength } from './steps.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bodies that are too large to keep. */
export const SIZES: readonly Fault[] = [
  {
    name: 'oversized-event',
    description: 'One event of so many MiB amid the others, with a line of its own; else as it should be.',
    parameters: [parameter('mib', '16', 'MiB.'), parameter('after', '1', 'Pieces of the body that come before.')],
    changeFrames: (frames, scene) => {
      const at = Math.min(scene.number('after'), frames.length);
      const frame = fillerFrame(formatMembers(scene), 'x'.repeat(scene.number('mib') * MIB));
      return frames.toSpliced(at, 0, { frame, tokens: 0 });
    },
    changeBody: (text, scene) => `${' '.repeat(scene.number('mib') * MIB)}${text}`,
  },
  {
    name: 'endless-event',
    description: 'After some pieces an event without an end. The simulator gives up after so many MiB.',
    parameters: [
      parameter('mib', '64', 'MiB, at most 64.'),
      parameter('after', '1', 'Pieces of the body that come before.'),
    ],
    changeSteps: (steps, scene) => endless(steps, scene),
  },
];

function* endless(steps: Iterable<Step>, scene: Scene): Iterable<Step> {
  yield* breakAfter(withoutLength(steps), scene.number('after'))?.before ?? [];
  yield { kind: 'bytes', bytes: opening(scene) };
  const block = Buffer.alloc(64 * KIB, 'x');
  const blocks = (Math.min(64, scene.number('mib')) * MIB) / block.length;
  for (let i = 0; i < blocks; i++) yield { kind: 'bytes', bytes: block };
  yield FAULTY_END;
}

/** What an event begins with, in its framing. */
function opening({ stream, framing }: Scene): Uint8Array {
  if (!stream) return Buffer.from('{"padding":"');
  if (framing === 'sse') return Buffer.from('data: {"padding":"');
  // The prelude of a message that is longer than any can be: its length, that of its headers, and their checksum.
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(0xff_ff_ff_ff, 0);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  return prelude;
}
