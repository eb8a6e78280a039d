import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { ChatResponse } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { WireQuirks } from '../../server/core/wire-quirks.ts';
import type { ChatDialectName, ChatEvent, Frame } from '../../server/dialects/dialect.ts';
import { AttemptError } from '../../server/errors/attempt-error.ts';
import * as anthropic from '../dialects/anthropic-messages/drive.ts';
import * as bedrock from '../dialects/bedrock-converse/drive.ts';
import * as cohere from '../dialects/cohere/drive.ts';
import * as gemini from '../dialects/gemini/drive.ts';
import * as responses from '../dialects/openai-responses/recordings.ts';
import * as chat from '../dialects/support/recordings.ts';
import { PROVIDERS } from './codecs.ts';

// The recorded answers of all formats, as their providers' codecs read them.

export const { hasFixtures, FIXTURES_NOTE } = chat;

const COMPLETIONS = new URL('../../../shared/fixtures/recorded/openai-completion/', import.meta.url);
const completions = (ending: string): { name: string; text: string }[] =>
  existsSync(COMPLETIONS)
    ? readdirSync(COMPLETIONS)
        .filter((name) => name.endsWith(ending))
        .map((name) => ({ name, text: readFileSync(new URL(name, COMPLETIONS), 'utf8') }))
    : [];

export function providerOf(dialect: ChatDialectName) {
  const found = PROVIDERS.find((provider) => provider.dialect === dialect);
  if (found === undefined) throw new Error(`no provider of ${dialect}`);
  return found.codec;
}

/** xAI counts thoughts beside the answer. */
const quirksOf = (name: string): WireQuirks => (/xai/.test(name) ? { reasoningBesideOutput: true } : {});

interface Texts {
  readonly dialect: ChatDialectName;
  readonly name: string;
  readonly text: string;
}

const texts: readonly Texts[] = (
  [
    ['openai-chat', chat.answers],
    ['openai-responses', responses.answers],
    ['openai-completions', completions('.json')],
    ['anthropic-messages', anthropic.answers],
    ['gemini', gemini.answers],
    ['bedrock-converse', bedrock.answers],
    ['cohere', cohere.answers],
  ] as const
).flatMap(([dialect, list]) => list.map(({ name, text }) => ({ dialect, name: `${dialect}: ${name}`, text })));

/** A recorded answer in one piece. */
export interface RecordedAnswer extends Texts {
  readonly response: ChatResponse;
}

/** Those that are answers: some recordings are of calls that failed. */
export const ANSWERS: readonly RecordedAnswer[] = texts.flatMap((one) => {
  try {
    return [{ ...one, response: providerOf(one.dialect).decodeResponse(one.text, quirksOf(one.name)).response }];
  } catch (thrown) {
    if (thrown instanceof AttemptError) return [];
    throw thrown;
  }
});

/** The frames of SSE as the providers of a format name them. */
const framed = (chunks: readonly string[], named: boolean): Frame[] =>
  chunks.map((data) => ({ event: named ? String(JSON.parse(data).type) : '', data }));

interface Framed {
  readonly dialect: ChatDialectName;
  readonly name: string;
  readonly frames: readonly Frame[];
}

const done: Frame = { event: '', data: '[DONE]' };
const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

const streams: readonly Framed[] = [
  ...chat.streams.map(({ name, chunks }) => ({
    dialect: 'openai-chat' as const,
    name,
    frames: [...framed(chunks, false), done],
  })),
  ...completions('.chunks.txt').map(({ name, text }) => ({
    dialect: 'openai-completions' as const,
    name,
    frames: [...framed(linesOf(text), false), done],
  })),
  ...responses.streams.map(({ name, chunks }) => ({
    dialect: 'openai-responses' as const,
    name,
    frames: framed(chunks, true),
  })),
  ...anthropic.streams.map(({ name, chunks }) => ({
    dialect: 'anthropic-messages' as const,
    name,
    frames: framed(chunks, true),
  })),
  ...gemini.streams.map(({ name, chunks }) => ({ dialect: 'gemini' as const, name, frames: chunks.map(gemini.frame) })),
  ...bedrock.streams.map(({ name, frames }) => ({ dialect: 'bedrock-converse' as const, name, frames })),
  ...cohere.streams.map(({ name, frames }) => ({ dialect: 'cohere' as const, name, frames })),
];

/** A recorded stream as events, without the wire text beside them. */
export interface RecordedStream extends Framed {
  readonly events: readonly ChatEvent[];
}

/** All events of a stream. Throws AttemptError. */
export function eventsOfFrames(dialect: ChatDialectName, frames: readonly Frame[], quirks: WireQuirks = {}) {
  const decoder = providerOf(dialect).createStreamDecoder(quirks);
  const steps = frames.map((frame) => decoder.push(frame));
  return [...steps, decoder.end()].flatMap(({ events }) => [...events]);
}

export const STREAMS: readonly RecordedStream[] = streams.flatMap((one) => {
  try {
    const events = eventsOfFrames(one.dialect, one.frames, quirksOf(one.name));
    return [{ ...one, name: `${one.dialect}: ${one.name}`, events }];
  } catch (thrown) {
    if (thrown instanceof AttemptError) return [];
    throw thrown;
  }
});
