import { FAULTY_END, type Step } from '../step.ts';
import { type Fault, parameter, type Scene, type TimedFrame } from './fault.ts';
import { formatMembers } from './format-members.ts';
import { simulated } from './instead.ts';
import { breakAfter, withoutLength } from './steps.ts';

/** Answers that break off, and connections that do not outlive them. */
export const ENDINGS: readonly Fault[] = [
  {
    name: 'reset',
    description: 'The connection is reset (RST) amid the body.',
    parameters: [parameter('after', '3', 'Pieces of the body that come before.')],
    changeSteps: (steps, scene) => breakOff(steps, scene, { kind: 'reset' }),
  },
  {
    name: 'cut',
    description: 'The body ends early.',
    parameters: [
      parameter('after', '3', 'Pieces of the body that come before.'),
      parameter(
        'inside',
        '',
        'What the cut goes through in the next piece: "json", "utf8" or "frame". Unset: nothing.',
      ),
      parameter(
        'how',
        'end',
        '"end": as if the answer were whole, to HTTP. "fin": the connection closes, HTTP unfinished.',
      ),
    ],
    changeSteps: (steps, scene) =>
      scene.word('how') === 'fin'
        ? breakOff(steps, scene, { kind: 'hang-up' })
        : breakOff(withoutLength(steps), scene, FAULTY_END),
  },
  {
    name: 'no-terminal',
    description: 'A stream ends cleanly without its terminal marker and what follows it.',
    parameters: [],
    changeFrames: (frames, scene) => beforeTerminal(frames, scene),
  },
  {
    name: 'error-event',
    description: 'An error within the stream, which then ends; for an answer in one piece, an error with status 200.',
    parameters: [parameter('after', '3', 'Pieces of the body that come before.')],
    changeSteps: (steps, scene) => errorWithin(steps, scene),
  },
  {
    name: 'close-after-answer',
    description: 'The answer is whole and promises keep-alive, but the connection closes behind it.',
    parameters: [],
    changeSteps: (steps) => mapEnd(steps, 'close'),
  },
  {
    name: 'reset-next-request',
    description: 'The answer is whole; the next request on the same connection finds it reset.',
    parameters: [],
    changeSteps: (steps) => mapEnd(steps, 'reset-next'),
  },
];

function beforeTerminal(frames: readonly TimedFrame[], scene: Scene): readonly TimedFrame[] {
  const { terminalEvent } = formatMembers(scene);
  const at = frames.findIndex(({ frame }) => terminalEvent !== undefined && frame.event === terminalEvent);
  return frames.slice(0, at < 0 ? -1 : at);
}

function* breakOff(steps: Iterable<Step>, scene: Scene, ending: Step): Iterable<Step> {
  const broken = breakAfter(steps, scene.number('after'));
  if (broken === undefined) {
    yield ending;
    return;
  }
  yield* broken.before;
  const torn = tear(broken.next.bytes, scene);
  if (torn.length > 0) yield { kind: 'bytes', bytes: torn };
  yield ending;
}

/** The start of a piece, up to where the cut goes through it. */
function tear(bytes: Uint8Array, scene: Scene): Uint8Array {
  // An answer in one piece has nothing before the cut, so that the cut must go through it.
  const inside = scene.word('inside') || (scene.stream ? '' : 'json');
  if (inside === 'frame') return bytes.subarray(0, -1);
  if (inside === 'json') return bytes.subarray(0, bytes.length >> 1);
  if (inside !== 'utf8') return bytes.subarray(0, 0);
  const lead = bytes.findIndex((byte) => byte >= 0xc0);
  return lead < 0 ? withLeadByte(bytes) : bytes.subarray(0, lead + 1);
}

/** For pieces in ASCII: half of them and the first byte of a character of three. */
function withLeadByte(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.of(0xe2)]);
}

function* errorWithin(steps: Iterable<Step>, scene: Scene): Iterable<Step> {
  const error = simulated('INTERNAL', 'error event', 'server_error');
  const broken = breakAfter(withoutLength(steps), scene.number('after'));
  yield* broken?.before ?? [];
  const bytes = scene.stream ? scene.encodeFrames(scene.errorFrames(error)) : Buffer.from(scene.encodeError(error));
  yield { kind: 'bytes', bytes };
  yield FAULTY_END;
}

function* mapEnd(steps: Iterable<Step>, after: 'close' | 'reset-next'): Iterable<Step> {
  for (const step of steps) yield step.kind === 'end' ? { ...step, after } : step;
}
