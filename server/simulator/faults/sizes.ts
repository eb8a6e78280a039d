import type { Step } from '../step.ts';
import { FAULTY_END } from '../step.ts';
import { type Fault, parameter, type Scene } from './fault.ts';
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
      const data = JSON.stringify({ padding: 'x'.repeat(scene.number('mib') * MIB), choices: [] });
      return frames.toSpliced(at, 0, { frame: { event: '', data }, tokens: 0 });
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
  const opening = scene.stream ? 'data: {"padding":"' : '{"padding":"';
  yield { kind: 'bytes', bytes: Buffer.from(opening) };
  const block = Buffer.alloc(64 * KIB, 'x');
  const blocks = (Math.min(64, scene.number('mib')) * MIB) / block.length;
  for (let i = 0; i < blocks; i++) yield { kind: 'bytes', bytes: block };
  yield FAULTY_END;
}
