import type { ChatEvent, StreamStep } from '../dialects/dialect.ts';

/** Whether a step holds something that the caller would see: from then on no other attempt can take over. */
export function hasContent(step: StreamStep): boolean {
  return step.events.some(isContent);
}

/** Whether an event is something that the caller would see. */
export function isContent(event: ChatEvent): boolean {
  switch (event.case) {
    case 'start':
    case 'partEnd':
      return false;
    case 'partStart':
      return event.value.part?.kind.case !== 'text' && event.value.part?.kind.case !== 'reasoning';
    case 'partDelta':
      return event.value.delta.case !== undefined && event.value.delta.value !== '';
    case 'finish':
      return true;
  }
}
