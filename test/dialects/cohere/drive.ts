import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type ChatResponse, FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { WarningCode } from '../../../gen/sluice/v1/decision_pb.ts';
import { GenerationSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import {
  cohereDoor as door,
  cohereEmbeddingsDoor as embeddingDoor,
  cohereEmbeddingsProvider as embeddingProvider,
  cohereProvider as provider,
} from '../../../server/dialects/cohere/index.ts';
import type { ChatEvent, EncodeTarget, Frame, StreamStep } from '../../../server/dialects/dialect.ts';

export { door, embeddingDoor, embeddingProvider, provider };

const FOLDER = new URL('../../../../shared/fixtures/recorded/cohere/', import.meta.url);
export const hasFixtures = existsSync(FOLDER);
/** Stands in the titles of what is skipped. */
export const FIXTURES_NOTE = hasFixtures ? '' : ' (skipped: no recordings at ../shared/fixtures)';

const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
const short = (name: string): string => name.replace(/^cohere-/, '').replace(/\.(?:json|chunks\.txt)$/, '');
const names = hasFixtures ? readdirSync(FOLDER) : [];

export const answers = names
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name: short(name), text: read(name) }));

export const streams = names
  .filter((name) => name.endsWith('.chunks.txt'))
  .map((name) => ({ name: short(name), frames: read(name).split('\n').filter(Boolean).map(frameOf) }));

export function frameOf(data: string): Frame {
  return { event: JSON.parse(data).type, data };
}

export const frame = (type: string, members: object = {}): Frame => ({
  event: type,
  data: JSON.stringify({ type, ...members }),
});

/** All steps of a stream, the end's too. */
export function decodeAll(frames: readonly Frame[]): StreamStep[] {
  const decoder = provider.createStreamDecoder({});
  const steps = frames.map((one) => decoder.push(one));
  return [...steps, decoder.end()];
}

export const eventsOf = (steps: readonly StreamStep[]): ChatEvent[] => steps.flatMap(({ events }) => [...events]);

export function encodeAll(steps: readonly StreamStep[]): Frame[] {
  const encoder = door.createStreamEncoder({ includeUsage: true });
  return steps.flatMap((step) => encoder.encode(step));
}

const FINISHES = new Map<unknown, string>(Object.entries(FinishReason).map(([word, reason]) => [reason, word]));

/** What an answer says, a line for each part. */
export function readAnswer({ id, choices, usage }: ChatResponse) {
  const [choice] = choices;
  return {
    id,
    parts: choice?.parts.map(({ kind }) => {
      if (kind.case === 'toolCall') return `call ${kind.value.id} ${kind.value.name} ${kind.value.input.value}`;
      return kind.case === 'text' || kind.case === 'reasoning' ? `${kind.case} ${kind.value.text}` : kind.case;
    }),
    finish: `${FINISHES.get(choice?.finishReason)} ${choice?.rawFinishReason}`,
    tokens: [usage?.inputTokens, usage?.outputTokens, usage?.cacheReadTokens],
  };
}

export type Init = { [K in keyof MessageInitShape<typeof GenerationSchema>]?: unknown };

const WORDS = new Map<number, string>(Object.entries(WarningCode).map(([word, code]) => [code as number, word]));
export const say = (text: string) => ({ kind: { case: 'text' as const, value: { text } } });
export const think = (text: string, more: object = {}) => ({ kind: { case: 'reasoning', value: { text } }, ...more });
export const message = (role: Role, ...parts: object[]) => ({ role, parts });
export const user = (...parts: object[]) => message(Role.USER, ...parts);
export const assistant = (...parts: object[]) => message(Role.ASSISTANT, ...parts);
export const call = (id: string, name = 'f', input = '{}') => ({
  kind: { case: 'toolCall', value: { id, name, input: { case: 'argumentsJson', value: input } } },
});
export const result = (callId: string, ...parts: object[]) => ({
  kind: { case: 'toolResult', value: { callId, parts } },
});
export const tool = (name: string, more: object = {}) => ({
  kind: { case: 'function', value: { name, parametersJsonSchema: '{"type":"object"}', ...more } },
});

/** A request for a model, and its losses as in "DROPPED seed". */
export function encode(init: Init, target: Partial<EncodeTarget & { stream: boolean }> = {}) {
  const generation = create(GenerationSchema, { model: 'm', messages: [user(say('Hello'))], ...init } as object);
  const model = target.model ?? 'command-a-reasoning-08-2025';
  const request = provider.encodeRequest(generation, { provider: 'co', quirks: {}, stream: false, ...target, model });
  const losses = request.warnings.map(({ code, field }) => `${WORDS.get(code)} ${field.replace('generation.', '')}`);
  return { ...request, body: JSON.parse(JSON.stringify(request.body)), losses };
}
