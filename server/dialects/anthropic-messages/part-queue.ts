import { create } from '@bufbuild/protobuf';
import { PartEndSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { ChatEvent } from '../dialect.ts';

/** Events of parts. */
export type PartEvent = Exclude<ChatEvent, { case: 'start' | 'finish' }>;

/**
 * Puts parts that grow at the same time one after the other, because this format has only one block open: what belongs to a
 * later part waits until the earlier is whole.
 */
export interface PartQueue {
  /** The events whose turn it is, with this one. */
  add(event: PartEvent): readonly PartEvent[];
  /** All that still waits; parts that are not whole are ended. */
  flush(): readonly PartEvent[];
}

export function createPartQueue(): PartQueue {
  let open: PartEvent | undefined;
  const waiting = new Map<number, PartEvent[]>();

  /** Notes what is open after an event. */
  const pass = (event: PartEvent): PartEvent => {
    open = event.case === 'partEnd' ? undefined : (open ?? event);
    return event;
  };
  const next = (): PartEvent[] => {
    const passed: PartEvent[] = [];
    for (const [index, events] of waiting) {
      if (open !== undefined) break;
      waiting.delete(index);
      passed.push(...events.map(pass));
    }
    return passed;
  };
  return {
    add(event) {
      const { index } = event.value;
      if (open === undefined ? event.case === 'partStart' : open.value.index === index) {
        const passed = pass(event);
        return waiting.size === 0 ? [passed] : [passed, ...next()];
      }
      const held = waiting.get(index);
      if (event.case === 'partStart') waiting.set(index, [event]);
      else held?.push(event);
      return [];
    },
    flush() {
      const passed: PartEvent[] = [];
      while (open !== undefined) {
        const { choice, index } = open.value;
        passed.push(pass(endOf(choice, index)), ...next());
      }
      return passed;
    },
  };
}

const endOf = (choice: number, index: number): PartEvent => ({
  case: 'partEnd',
  value: create(PartEndSchema, { choice, index }),
});
