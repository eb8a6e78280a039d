import type { Step } from '../step.ts';
import { type Fault, parameter } from './fault.ts';
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
      mapText(steps, (text) => text.replaceAll('\n', LINE_ENDS[scene.word('end')] ?? '\r\n')),
  },
  {
    name: 'bom',
    description: 'A byte order mark stands before the body.',
    parameters: [],
    changeSteps: (steps) => mapText(steps, (text, index) => (index === 0 ? `\uFEFF${text}` : text)),
  },
  {
    name: 'comments',
    description: 'Comments stand between the frames of a stream and within them.',
    parameters: [],
    changeSteps: (steps, scene) =>
      scene.stream ? mapText(steps, (text) => `: SIMULATED PROCESSING\n\n:\n${text}`) : steps,
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
      scene.stream ? mapText(steps, (text) => text.replaceAll(/^(data|event|id): /gm, '$1:')) : steps,
  },
];

function mapText(steps: Iterable<Step>, change: (text: string, index: number) => string): Iterable<Step> {
  return mapBytes(steps, (bytes, index) => [
    { kind: 'bytes', bytes: Buffer.from(change(Buffer.from(bytes).toString('utf8'), index), 'utf8') },
  ]);
}

function* slices(bytes: Uint8Array, size: number): Iterable<Step> {
  for (let at = 0; at < bytes.length; at += size) yield { kind: 'bytes', bytes: bytes.subarray(at, at + size) };
}
