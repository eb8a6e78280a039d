import type { Step } from '../step.ts';

type ByteStep = Extract<Step, { kind: 'bytes' }>;
type HeadStep = Extract<Step, { kind: 'head' }>;

/** Puts other steps in the place of each piece of the body. The length may change, so none is announced. */
export function* mapBytes(
  steps: Iterable<Step>,
  change: (bytes: Uint8Array, index: number) => Iterable<Step>,
): Iterable<Step> {
  let index = 0;
  for (const step of withoutLength(steps)) {
    if (step.kind === 'bytes') yield* change(step.bytes, index++);
    else yield step;
  }
}

/** The steps with another head. */
export function* mapHead(steps: Iterable<Step>, change: (head: HeadStep) => HeadStep): Iterable<Step> {
  for (const step of steps) yield step.kind === 'head' ? change(step) : step;
}

/** The steps without content-length, so that the body goes in chunks. */
export function withoutLength(steps: Iterable<Step>): Iterable<Step> {
  return mapHead(steps, (head) => withoutHeader(head, 'content-length'));
}

export function withoutHeader(head: HeadStep, name: string): HeadStep {
  return { ...head, headers: head.headers.filter(([one]) => one !== name) };
}

/** Where so many pieces of the body have gone out. */
export interface Break {
  /** All up to there, without the end and without the work on what does not come. */
  readonly before: readonly Step[];
  /** The piece that would come next. */
  readonly next: ByteStep;
}

/**
 * Breaks an answer after so many pieces of its body; one with fewer breaks before its last piece. Undefined where it
 * has no body.
 */
export function breakAfter(steps: Iterable<Step>, pieces: number): Break | undefined {
  const before: Step[] = [];
  let last: { at: number; step: ByteStep } | undefined;
  let seen = 0;
  for (const step of steps) {
    if (step.kind === 'bytes') {
      last = { at: before.length, step };
      if (seen === pieces) break;
      seen += 1;
    }
    before.push(step);
  }
  if (last === undefined) return undefined;
  const sent = before.slice(0, last.at).findLastIndex(({ kind }) => kind !== 'work') + 1;
  return { before: before.slice(0, sent), next: last.step };
}
