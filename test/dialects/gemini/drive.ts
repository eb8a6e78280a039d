import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { GenerationSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../../server/core/json.ts';
import type { ChatEvent, EncodeTarget, StreamStep, WireRequest } from '../../../server/dialects/dialect.ts';
import { geminiDoor, geminiProvider } from '../../../server/dialects/gemini/index.ts';

export { attemptError, eventsOf, refusal } from '../support/drive.ts';
export { geminiDoor as door, geminiProvider as provider };

const ROOT = new URL('../../../../shared/fixtures/recorded/google/', import.meta.url);

export const hasFixtures = existsSync(ROOT);
export const FIXTURES_NOTE = hasFixtures ? '' : ' (skipped: no recordings at ../shared/fixtures)';

const files = hasFixtures ? readdirSync(ROOT).sort() : [];
const textOf = (name: string): string => readFileSync(new URL(name, ROOT), 'utf8');

export const answers = files
  .filter((name) => name.endsWith('.json') && !name.includes('429'))
  .map((name) => ({ name, text: textOf(name) }));

export const streams = files
  .filter((name) => name.endsWith('.chunks.txt'))
  .map((name) => ({
    name,
    chunks: textOf(name)
      .split('\n')
      .filter((line) => line.trim() !== ''),
  }));

export const rateLimited = hasFixtures ? textOf('google-429-retry-info.json') : '';

export const frame = (value: unknown) => ({
  event: '',
  data: typeof value === 'string' ? value : JSON.stringify(value),
});

/** All steps of a stream, the end's too. */
export function decodeAll(chunks: readonly unknown[]): StreamStep[] {
  const decoder = geminiProvider.createStreamDecoder({});
  const steps = chunks.map((chunk) => decoder.push(frame(chunk)));
  return [...steps, decoder.end()];
}

export function encodeAll(steps: readonly StreamStep[]): string[] {
  const encoder = geminiDoor.createStreamEncoder({ includeUsage: true });
  return steps.flatMap((step) => encoder.encode(step)).map(({ data }) => data);
}

/** The same steps as another format's would be: events alone. */
export const withoutWire = (events: readonly ChatEvent[]): StreamStep[] => events.map((event) => ({ events: [event] }));

type Init = MessageInitShape<typeof GenerationSchema>;

export const target = (model: string, more: Partial<EncodeTarget> = {}) => ({
  provider: 'p',
  model,
  quirks: {},
  stream: false,
  ...more,
});

/** Encodes a generation, as JSON would send it. */
export function send(init: Init, more: Partial<EncodeTarget> & { model?: string } = {}): WireRequest {
  const request = geminiProvider.encodeRequest(
    create(GenerationSchema, { model: 'm', ...init }),
    target(more.model ?? 'gemini-3-flash-preview', more),
  );
  return { ...request, body: JSON.parse(JSON.stringify(request.body)) };
}

export const fieldsOf = ({ warnings }: WireRequest): string[] => warnings.map(({ field }) => field);

export const receive = (body: JsonObject) => geminiDoor.decodeRequest(body, { model: 'm' });

export const said = (text: string) => ({ kind: { case: 'text' as const, value: { text } } });
