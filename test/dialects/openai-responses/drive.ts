import type { ChatEvent, Frame, StreamStep } from '../../../server/dialects/dialect.ts';
import { openAiResponsesDoor, openAiResponsesProvider } from '../../../server/dialects/openai-responses/index.ts';

export { openAiResponsesDoor as door, openAiResponsesProvider as provider };

/** An event of the wire as a frame, named as servers name it. */
export const frameOf = (data: string): Frame => ({ event: JSON.parse(data).type ?? '', data });

/** All steps of a stream, the end's too. */
export function decodeAll(chunks: readonly string[]): StreamStep[] {
  const decoder = openAiResponsesProvider.createStreamDecoder({});
  const steps = chunks.map((data) => decoder.push({ event: '', data }));
  return [...steps, decoder.end()];
}

export const eventsOf = (steps: readonly StreamStep[]): ChatEvent[] => steps.flatMap(({ events }) => [...events]);

export function encodeAll(steps: readonly StreamStep[]): Frame[] {
  const encoder = openAiResponsesDoor.createStreamEncoder({ includeUsage: true });
  return steps.flatMap((step) => encoder.encode(step));
}

/** The frames of a stream that is built from events alone. */
export const buildAll = (events: readonly ChatEvent[]): Frame[] =>
  encodeAll(events.map((event) => ({ events: [event] })));
