import { create } from '@bufbuild/protobuf';
import { type Choice, ChoiceSchema, type StreamFinish } from '../../gen/sluice/v1/chat_service_pb.ts';
import { type Part, PartSchema } from '../../gen/sluice/v1/content_pb.ts';
import type { ChatEvent, StreamStep } from '../dialects/dialect.ts';
import { AttemptError } from '../errors/attempt-error.ts';
import { hasContent, isContent } from './has-content.ts';
import { passGate, type QualityGate } from './quality-gate.ts';

/** Decides when what has come of a stream may go to the caller. One for each attempt. */
export interface StreamGate {
  /** Whether it may go with these steps. Throws AttemptError where it never may. */
  admits(steps: readonly StreamStep[]): boolean;
}

/** Without a quality gate: with the first content. */
export const FIRST_CONTENT: StreamGate = { admits: (steps) => steps.some(hasContent) };

/**
 * With a quality gate: an empty, refused or filtered stream is known by its first content. Whether it meets a schema is known
 * at its end alone, so where `buffered` and there is a schema, all of it is held back.
 */
export function createStreamGate(gate: QualityGate, buffered: boolean): StreamGate {
  const isHeld = buffered && gate.schema !== undefined;
  const parts = new Map<string, Part>();
  return {
    admits(steps) {
      for (const event of steps.flatMap(({ events }) => events)) {
        if (isHeld) collect(parts, event);
        if (event.case === 'finish') {
          passGate(gate, { choices: choicesOf(event.value, parts), usage: event.value.usage });
          return true;
        }
        if (gate.refused && event.case === 'partStart' && event.value.part?.kind.case === 'refusal') {
          throw new AttemptError('REFUSAL', 'The model declined.', { status: 200 });
        }
        if (!isHeld && isContent(event)) return true;
      }
      return false;
    },
  };
}

function collect(parts: Map<string, Part>, event: ChatEvent): void {
  if (event.case !== 'partStart' && event.case !== 'partDelta') return;
  const key = `${event.value.choice} ${event.value.index}`;
  if (event.case === 'partStart') {
    // Its own, because deltas are added to it.
    const kind = event.value.part?.kind;
    if (kind?.case === 'text') parts.set(key, textPart(kind.value.text));
    else if (event.value.part !== undefined) parts.set(key, event.value.part);
    return;
  }
  const kind = parts.get(key)?.kind;
  if (kind?.case === 'text' && event.value.delta.case === 'text') kind.value.text += event.value.delta.value;
}

function textPart(text: string): Part {
  return create(PartSchema, { kind: { case: 'text', value: { text } } });
}

function choicesOf({ choices }: StreamFinish, parts: ReadonlyMap<string, Part>): Choice[] {
  return choices.map(({ choice, reason }) => {
    const own = [...parts].filter(([key]) => key.startsWith(`${choice} `)).map(([, part]) => part);
    return create(ChoiceSchema, { index: choice, finishReason: reason, parts: own });
  });
}
