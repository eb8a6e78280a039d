import { create } from '@bufbuild/protobuf';
import { FinishReason } from '../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { type Generation, ReasoningEffort } from '../../gen/sluice/v1/generation_pb.ts';
import { type Usage, UsageSchema } from '../../gen/sluice/v1/usage_pb.ts';
import type { JsonValue } from '../core/json.ts';
import type { Behaviour } from './behaviour.ts';
import { valueForSchema } from './json-schema.ts';
import { REASONING_MODEL } from './models.ts';
import { hash32 } from './seeded-random.ts';
import { answerText, firstStop, fitTokens, thoughtText } from './text.ts';
import { countPromptTokens, tokenize } from './tokens.ts';
import { messageText, parseSchema, planToolCalls } from './tools.ts';

/** What is sent at once, and how many tokens it takes to make it. */
export interface Piece {
  readonly text: string;
  readonly tokens: number;
}

/** A part of an answer, in the pieces that it is streamed in. */
export type PlannedPart =
  | { readonly kind: 'reasoning' | 'text'; readonly pieces: readonly Piece[] }
  | {
      readonly kind: 'tool-call';
      readonly id: string;
      readonly name: string;
      readonly custom: boolean;
      readonly pieces: readonly Piece[];
    };

export interface PlannedChoice {
  readonly parts: readonly PlannedPart[];
  readonly finish: FinishReason;
  /** The stop text that ended it; empty for none. */
  readonly stopText: string;
}

/** A whole answer, decided before any of it is sent, in no wire format. */
export interface AnswerPlan {
  readonly choices: readonly PlannedChoice[];
  /** What it takes, in truth. */
  readonly usage: Usage;
  /** What the answer says that it takes; undefined where it says nothing. */
  readonly reported: Usage | undefined;
}

/** The answer to a request: the same for the same request, behaviour and seed. */
export function planAnswer(generation: Generation, behaviour: Behaviour, seed: number): AnswerPlan {
  const choices = Array.from({ length: generation.n ?? 1 }, (_, index) =>
    planChoice(generation, behaviour, { seed, index }),
  );
  const usage = countUsage(generation, behaviour, choices);
  return { choices, usage, reported: usage };
}

interface ChoicePlace {
  readonly seed: number;
  readonly index: number;
}

function planChoice(generation: Generation, behaviour: Behaviour, { seed, index }: ChoicePlace): PlannedChoice {
  const calls = planToolCalls(generation, hash32(seed, index));
  const last = generation.messages.at(-1);
  const prompt = last === undefined ? '' : messageText(last);
  const question = { prompt, fromTool: last?.role === Role.TOOL, choice: index, seed };
  let stopText = '';
  const parts: PlannedPart[] = thinks(generation)
    ? [{ kind: 'reasoning', pieces: inPieces(thoughtText(question)) }]
    : [];
  if (calls.length > 0) {
    parts.push(
      ...calls.map(({ input, ...call }) => ({ kind: 'tool-call' as const, ...call, pieces: inPieces(input) })),
    );
  } else {
    const own = formattedAnswer(generation, hash32(seed, prompt, index)) ?? answerText(question);
    const text = behaviour.outputTokens === undefined ? own : fitTokens(own, behaviour.outputTokens, seed);
    stopText = firstStop(text, generation.stop);
    parts.push({ kind: 'text', pieces: inPieces(stopText === '' ? text : text.slice(0, text.indexOf(stopText))) });
  }
  const choice = limitTokens(parts, generation.maxOutputTokens ?? Infinity);
  return choice.finish === FinishReason.STOP ? { ...choice, stopText } : choice;
}

function thinks({ model, reasoning }: Generation): boolean {
  return model === REASONING_MODEL && reasoning?.effort !== ReasoningEffort.NONE;
}

/** The answer where JSON is asked for. */
function formattedAnswer({ responseFormat }: Generation, seed: number): string | undefined {
  const kind = responseFormat?.kind;
  if (kind?.case === 'jsonSchema') return JSON.stringify(valueForSchema(parseSchema(kind.value.schemaJson), seed));
  const simulated: JsonValue = { simulated: true, answer: 'This object is simulated: no model was called.' };
  return kind?.case === 'jsonObject' ? JSON.stringify(simulated) : undefined;
}

function inPieces(text: string): readonly Piece[] {
  return tokenize(text).map((token) => ({ text: token, tokens: 1 }));
}

/** Cuts an answer at its limit, thoughts included. What lies wholly behind the limit is left out. */
function limitTokens(parts: readonly PlannedPart[], limit: number): PlannedChoice {
  const kept: PlannedPart[] = [];
  let left = limit;
  let cut = false;
  for (const part of parts) {
    if (left > 0 || part.pieces.length === 0) kept.push({ ...part, pieces: part.pieces.slice(0, left) });
    cut ||= part.pieces.length > left;
    left = Math.max(0, left - part.pieces.length);
  }
  if (cut) return { parts: kept, finish: FinishReason.LENGTH, stopText: '' };
  const calls = parts.some((part) => part.kind === 'tool-call');
  return { parts: kept, finish: calls ? FinishReason.TOOL_CALLS : FinishReason.STOP, stopText: '' };
}

function countUsage(generation: Generation, behaviour: Behaviour, choices: readonly PlannedChoice[]): Usage {
  const inputTokens = countPromptTokens(generation);
  const parts = choices.flatMap((choice) => choice.parts);
  return create(UsageSchema, {
    inputTokens,
    outputTokens: sumTokens(parts),
    cacheReadTokens: Math.min(inputTokens, behaviour.cachedTokens),
    reasoningTokens: sumTokens(parts.filter((part) => part.kind === 'reasoning')),
  });
}

function sumTokens(parts: readonly PlannedPart[]): number {
  return parts.reduce((sum, { pieces }) => sum + pieces.reduce((inner, { tokens }) => inner + tokens, 0), 0);
}
