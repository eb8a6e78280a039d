import type { Step } from '../step.ts';
import { type Fault, parameter } from './fault.ts';
import { breakAfter } from './steps.ts';

/** Answers that come late, slowly or not to their end. */
export const TIMING: readonly Fault[] = [
  {
    name: 'delay',
    description: 'The headers come later by so much.',
    parameters: [parameter('ms', '1000', 'Milliseconds.')],
    changeSteps: (steps, scene) => prepend({ kind: 'work', ms: scene.number('ms'), tokens: 0 }, steps),
  },
  {
    name: 'silent-after-headers',
    description: 'Sends the headers and then nothing.',
    parameters: [],
    changeSteps: (steps) => silentAfterHead(steps),
  },
  {
    name: 'stall',
    description: 'Sends some pieces of the body and then nothing; of an answer in one piece, the first half.',
    parameters: [parameter('after', '1', 'Pieces.')],
    changeSteps: (steps, scene) => stall(steps, scene.number('after')),
  },
  {
    name: 'drip',
    description: 'The body comes byte by byte.',
    parameters: [parameter('ms', '20', 'Milliseconds between two bytes.')],
    changeSteps: (steps, scene) => drip(steps, scene.number('ms')),
  },
];

function* prepend(first: Step, rest: Iterable<Step>): Iterable<Step> {
  yield first;
  yield* rest;
}

function* silentAfterHead(steps: Iterable<Step>): Iterable<Step> {
  for (const step of steps) {
    yield step;
    if (step.kind === 'head') break;
  }
  yield { kind: 'silence' };
}

function* stall(steps: Iterable<Step>, pieces: number): Iterable<Step> {
  const broken = breakAfter(steps, pieces);
  yield* broken?.before ?? [];
  // An answer in one piece breaks before it: send half, so that the client has something to wait on.
  if (broken !== undefined && !broken.before.some(({ kind }) => kind === 'bytes') && pieces > 0) {
    const { bytes } = broken.next;
    yield { kind: 'bytes', bytes: bytes.subarray(0, bytes.length >> 1) };
  }
  yield { kind: 'silence' };
}

function* drip(steps: Iterable<Step>, ms: number): Iterable<Step> {
  for (const step of steps) {
    if (step.kind !== 'bytes') {
      yield step;
      continue;
    }
    for (let i = 0; i < step.bytes.length; i++) {
      yield { kind: 'work', ms, tokens: 0 };
      yield { kind: 'bytes', bytes: step.bytes.subarray(i, i + 1) };
    }
  }
}
