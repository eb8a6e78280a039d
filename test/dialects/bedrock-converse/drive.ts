import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { WarningCode } from '../../../gen/sluice/v1/decision_pb.ts';
import { GenerationSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import {
  bedrockConverseDoor as door,
  bedrockConverseProvider as provider,
} from '../../../server/dialects/bedrock-converse/index.ts';
import type { ChatEvent, EncodeTarget, Frame, StreamStep } from '../../../server/dialects/dialect.ts';

export { door, provider };

const FOLDER = new URL('../../../../shared/fixtures/recorded/amazon-bedrock/', import.meta.url);
export const hasFixtures = existsSync(FOLDER);
/** Stands in the titles of what is skipped. */
export const FIXTURES_NOTE = hasFixtures ? '' : ' (skipped: no recordings at ../shared/fixtures)';

const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
const short = (name: string): string =>
  name.replace(/^amazon-bedrock-/, '').replace(/(?:\.1)?\.(?:json|chunks\.txt)$/, '');
const names = hasFixtures ? readdirSync(FOLDER) : [];

export const answers = names
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name: short(name), text: read(name) }));

export const streams = names
  .filter((name) => name.endsWith('.chunks.txt'))
  .map((name) => ({ name: short(name), frames: framesOf(read(name)) }));

/** Each line of a recording is {event: payload}. */
export function framesOf(lines: string): Frame[] {
  return lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [[event, payload] = ['', null]] = Object.entries(JSON.parse(line));
      return { event, data: JSON.stringify(payload) };
    });
}

export const frame = (event: string, payload: object): Frame => ({ event, data: JSON.stringify(payload) });

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

/** A stream with such blocks between its beginning and its end. */
export function streamOf(blocks: readonly Frame[], stopReason = 'end_turn', usage: object = {}): Frame[] {
  return [
    frame('messageStart', { role: 'assistant' }),
    ...blocks,
    frame('messageStop', { stopReason }),
    frame('metadata', { usage, metrics: { latencyMs: 5 } }),
  ];
}

export const delta = (contentBlockIndex: number, value: object): Frame =>
  frame('contentBlockDelta', { contentBlockIndex, delta: value });
export const stop = (contentBlockIndex: number): Frame => frame('contentBlockStop', { contentBlockIndex });
export const startCall = (contentBlockIndex: number, toolUseId: string, name: string): Frame =>
  frame('contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId, name } } });

export type Init = { [K in keyof MessageInitShape<typeof GenerationSchema>]?: unknown };

const FINISHES = new Map<unknown, string>(Object.entries(FinishReason).map(([word, reason]) => [reason, word]));
export const finishWord = (reason: FinishReason | undefined): string | undefined => FINISHES.get(reason);

const WORDS = new Map<number, string>(Object.entries(WarningCode).map(([word, code]) => [code as number, word]));
export const say = (text: string) => ({ kind: { case: 'text' as const, value: { text } } });
export const message = (role: Role, ...parts: object[]) => ({ role, parts });
export const user = (...parts: object[]) => message(Role.USER, ...parts);
export const assistant = (...parts: object[]) => message(Role.ASSISTANT, ...parts);
export const call = (id: string, name = 'f', input = '{}') => ({
  kind: { case: 'toolCall', value: { id, name, input: { case: 'argumentsJson', value: input } } },
});
export const result = (callId: string, ...parts: object[]) => ({
  kind: { case: 'toolResult', value: { callId, parts } },
});
export const tool = (name: string, schema = '{"type":"object"}') => ({
  kind: { case: 'function', value: { name, parametersJsonSchema: schema } },
});
export const file = (value: object) => ({ kind: { case: 'file', value } });
export const inline = (text: string, mediaType: string) => ({
  location: { case: 'data', value: Buffer.from(text) },
  mediaType,
});

export const CLAUDE = 'anthropic.claude-sonnet-4-5-20250929-v1:0';

/** A request for a model, and its losses as in "DROPPED seed". */
export function encode(init: Init, target: Partial<EncodeTarget & { stream: boolean }> = {}) {
  const generation = create(GenerationSchema, { model: 'm', messages: [user(say('Hello'))], ...init } as object);
  const request = provider.encodeRequest(generation, {
    provider: 'aws',
    model: CLAUDE,
    quirks: {},
    stream: false,
    ...target,
  });
  const losses = request.warnings.map(({ code, field }) => `${WORDS.get(code)} ${field.replace('generation.', '')}`);
  return { ...request, body: JSON.parse(JSON.stringify(request.body)), losses };
}
