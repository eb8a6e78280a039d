import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  anthropicMessagesDoor as door,
  anthropicMessagesProvider as provider,
} from '../../../server/dialects/anthropic-messages/index.ts';
import type { ChatEvent, Frame, StreamStep } from '../../../server/dialects/dialect.ts';

export { door, provider };

const FOLDER = new URL('../../../../shared/fixtures/recorded/anthropic/', import.meta.url);
export const hasFixtures = existsSync(FOLDER);
/** Stands in the titles of what is skipped. */
export const FIXTURES_NOTE = hasFixtures ? '' : ' (skipped: no recordings at ../shared/fixtures)';

const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
const names = hasFixtures ? readdirSync(FOLDER) : [];

export const answers = names.filter((name) => name.endsWith('.json')).map((name) => ({ name, text: read(name) }));

export const streams = names
  .filter((name) => name.endsWith('.chunks.txt'))
  .map((name) => ({
    name,
    chunks: firstAnswer(read(name).split('\n').filter(Boolean)),
    all: read(name).split('\n').filter(Boolean),
  }));

/** One recording holds two answers, one after the other. */
function firstAnswer(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findIndex((line) => line.includes('"type":"message_stop"')) + 1);
}

export const frameOf = (data: string): Frame => ({ event: JSON.parse(data).type, data });
export const event = (value: object): string => JSON.stringify(value);

/** All steps of a stream, the end's too. */
export function decodeAll(chunks: readonly string[]): StreamStep[] {
  const decoder = provider.createStreamDecoder({});
  const steps = chunks.map((data) => decoder.push(frameOf(data)));
  return [...steps, decoder.end()];
}

export const eventsOf = (steps: readonly StreamStep[]): ChatEvent[] => steps.flatMap(({ events }) => [...events]);

export function encodeAll(steps: readonly StreamStep[]): Frame[] {
  const encoder = door.createStreamEncoder({ includeUsage: true });
  return steps.flatMap((step) => encoder.encode(step));
}

/** A stream of one text block, in pieces. */
export function textStream(...pieces: readonly string[]): string[] {
  return [
    event({
      type: 'message_start',
      message: { id: 'msg_1', model: 'm', content: [], usage: { input_tokens: 3, output_tokens: 1 } },
    }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ...pieces.map((text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    event({ type: 'content_block_stop', index: 0 }),
    event({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 7 },
    }),
    event({ type: 'message_stop' }),
  ];
}
