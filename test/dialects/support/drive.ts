import type { WireQuirks } from '../../../server/core/wire-quirks.ts';
import type { ChatEvent, Frame, StreamStep } from '../../../server/dialects/dialect.ts';
import { AttemptError } from '../../../server/errors/attempt-error.ts';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { door, provider } from './codecs.ts';

export const DONE = '[DONE]';
export const frame = (data: string, event = ''): Frame => ({ event, data });
export const chunkOf = (value: unknown): string => JSON.stringify(value);

/** A chunk with one choice. */
export const delta = (value: object, finish: string | null = null, extra: object = {}): string =>
  chunkOf({ id: 'c1', created: 7, model: 'm', choices: [{ index: 0, delta: value, finish_reason: finish }], ...extra });

/** All steps of a stream, the end's too. */
export function decodeAll(chunks: readonly string[], quirks: WireQuirks = {}): StreamStep[] {
  const decoder = provider.createStreamDecoder(quirks);
  const steps = chunks.map((data) => decoder.push(frame(data)));
  return [...steps, decoder.end()];
}

export const eventsOf = (steps: readonly StreamStep[]): ChatEvent[] => steps.flatMap(({ events }) => [...events]);

export function encodeAll(steps: readonly StreamStep[], includeUsage: boolean): string[] {
  const encoder = door.createStreamEncoder({ includeUsage });
  return steps.flatMap((step) => encoder.encode(step)).map(({ data }) => data);
}

/** The failure that an attempt throws. */
export function attemptError(run: () => unknown): AttemptError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof AttemptError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

export function refusal(run: () => unknown): SluiceError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}
