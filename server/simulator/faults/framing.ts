import { SluiceError } from '../../errors/sluice-error.ts';
import type { Step } from '../step.ts';
import { type Fault, parameter, type Scene } from './fault.ts';
import { mapBytes } from './steps.ts';

const LINE_ENDS: Readonly<Record<string, string>> = { crlf: '\r\n', cr: '\r', lf: '\n' };

/**
 * The same content, framed otherwise: all of this is allowed by the standard for server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream) or by HTTP.
 */
export const FRAMING: readonly Fault[] = [
  {
    name: 'split',
    description: 'The body comes in chunks of so many bytes.',
    parameters: [parameter('size', '1', 'Bytes.')],
    changeSteps: (steps, scene) => mapBytes(steps, (bytes) => slices(bytes, Math.max(1, scene.number('size')))),
  },
  {
    name: 'lines',
    description: 'Lines end with CR LF or CR alone.',
    parameters: [parameter('end', 'crlf', '"crlf", "cr" or "lf".')],
    changeSteps: (steps, scene) =>
      mapText(steps, scene, (text) => text.replaceAll('\n', LINE_ENDS[scene.word('end')] ?? '\r\n')),
  },
  {
    name: 'bom',
    description: 'A byte order mark stands before the body.',
    parameters: [],
    changeSteps: (steps, scene) => mapText(steps, scene, (text, index) => (index === 0 ? `\uFEFF${text}` : text)),
  },
  {
    name: 'comments',
    description: 'Comments stand between the frames of a stream and within them.',
    parameters: [],
    changeSteps: (steps, scene) =>
      scene.stream ? mapText(steps, scene, (text) => `: SIMULATED PROCESSING\n\n:\n${text}`) : steps,
  },
  {
    name: 'multi-line',
    description: 'The JSON of a stream goes over several data lines.',
    parameters: [],
    changeFrames: (frames) =>
      frames.map((timed) => ({ ...timed, frame: { ...timed.frame, data: timed.frame.data.replace(/^\{/, '{\n\n') } })),
  },
  {
    name: 'no-space',
    description: 'No space follows the colon of a field.',
    parameters: [],
    changeSteps: (steps, scene) =>
      scene.stream ? mapText(steps, scene, (text) => text.replaceAll(/^(data|event|id): /gm, '$1:')) : steps,
  },
];

/** Throws INVALID_REQUEST for a stream that is no text. */
function mapText(steps: Iterable<Step>, scene: Scene, change: (text: string, index: number) => string): Iterable<Step> {
  if (scene.stream && scene.framing !== 'sse') {
    throw new SluiceError('INVALID_REQUEST', 'This fault strikes server-sent events only.', { param: 'x-sim-fault' });
  }
  return mapBytes(steps, (bytes, index) => [
    { kind: 'bytes', bytes: Buffer.from(change(Buffer.from(bytes).toString('utf8'), index), 'utf8') },
  ]);
}

function* slices(bytes: Uint8Array, size: number): Iterable<Step> {
  for (let at = 0; at < bytes.length; at += size) yield { kind: 'bytes', bytes: bytes.subarray(at, at + size) };
}
