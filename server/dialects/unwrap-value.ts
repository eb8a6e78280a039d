import type { ChatResponse } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../gen/sluice/v1/content_pb.ts';
import type { ChatEvent, ChatStreamDecoder, DecodedResponse, StreamStep } from './dialect.ts';
import { partDeltaEvent } from './part-delta-event.ts';
import { WRAPPER } from './wrap-schema.ts';

// Answers to requests that wrapSchemas changed are told by their only member, whose name nobody else uses: so a decoder need
// not know what was asked.

const OPENING = `{"${WRAPPER}":`;

/** Takes a value out of its object while its text comes. */
interface Unwrapper {
  /** Whether it is known that there is nothing to take away. */
  readonly isPlain: boolean;
  /** The text that is now known to be the caller's; undefined while nobody can tell. */
  push(text: string): string | undefined;
  /** What was held back. */
  end(): string;
}

function createUnwrapper(): Unwrapper {
  let state: 'unknown' | 'wrapped' | 'plain' = 'unknown';
  let held = '';
  return {
    get isPlain() {
      return state === 'plain';
    },
    push(text) {
      if (state === 'plain') return text;
      // Space before a value says nothing and need not wait.
      if (state === 'unknown' && held === '' && text.trim() === '') return text;
      held += text;
      if (state === 'unknown') {
        const compact = held.replaceAll(/\s/g, '');
        if (compact.startsWith(OPENING)) {
          state = 'wrapped';
          held = held.slice(held.indexOf(':') + 1).trimStart();
        } else if (OPENING.startsWith(compact)) return undefined;
        else state = 'plain';
      }
      const now = state === 'plain' ? held : held.slice(0, closingAt(held));
      held = held.slice(now.length);
      return now;
    },
    end: () => (state === 'wrapped' ? '' : held),
  };
}

/** Where the last brace and the space around it begin: it may close the object. */
function closingAt(text: string): number {
  const trimmed = text.trimEnd();
  return (trimmed.endsWith('}') ? trimmed.slice(0, -1).trimEnd() : trimmed).length;
}

function unwrappedText(text: string): string {
  const unwrapper = createUnwrapper();
  return (unwrapper.push(text) ?? '') + unwrapper.end();
}

/** The answer with the values that were asked for. */
export function withUnwrappedValues(answer: DecodedResponse<ChatResponse>): DecodedResponse<ChatResponse> {
  for (const { parts } of answer.response.choices) for (const part of parts) unwrapPart(part);
  return answer;
}

/** Decoded parts are nobody else's yet. */
function unwrapPart({ kind }: Part): void {
  if (kind.case === 'text') kind.value.text = unwrappedText(kind.value.text);
  if (kind.case === 'toolCall' && kind.value.input.case === 'argumentsJson') {
    kind.value.input = { case: 'argumentsJson', value: unwrappedText(kind.value.input.value) };
  }
}

/** A decoder whose events have the values that were asked for. */
export function unwrappingDecoder(decoder: ChatStreamDecoder): ChatStreamDecoder {
  const parts = new Map<number, OpenPart>();
  const unwrapped = (step: StreamStep): StreamStep => {
    // Nearly all of a stream: parts that are known to be plain are looked at no more.
    if (parts.size === 0 && !step.events.some(({ case: kind }) => kind === 'partStart')) return step;
    return { ...step, events: step.events.flatMap((event) => unwrappedEvents(parts, event)) };
  };
  return {
    push: (frame) => unwrapped(decoder.push(frame)),
    end: () => unwrapped(decoder.end()),
    get terminated() {
      return decoder.terminated;
    },
    get usage() {
      return decoder.usage;
    },
  };
}

interface OpenPart {
  readonly unwrapper: Unwrapper;
  /** What waits until it is known whether the value is wrapped. */
  waiting: ChatEvent[];
}

function unwrappedEvents(parts: Map<number, OpenPart>, event: ChatEvent): ChatEvent[] {
  if (event.case === 'start' || event.case === 'finish') return [event];
  // Both are below 2³², and answers are few.
  const key = event.value.choice * 2 ** 32 + event.value.index;
  if (event.case === 'partStart') {
    const { kind } = event.value.part ?? {};
    if (kind?.case === 'text' || kind?.case === 'toolCall')
      parts.set(key, { unwrapper: createUnwrapper(), waiting: [] });
    return [event];
  }
  const part = parts.get(key);
  if (part === undefined) return [event];
  if (event.case === 'partDelta') {
    const events = unwrappedDelta(part, event);
    if (part.unwrapper.isPlain) parts.delete(key);
    return events;
  }
  parts.delete(key);
  return [...part.waiting, event];
}

function unwrappedDelta(part: OpenPart, event: Extract<ChatEvent, { case: 'partDelta' }>): ChatEvent[] {
  const { choice, index, delta, logprobs } = event.value;
  if (delta.case !== 'text' && delta.case !== 'argumentsJson') {
    if (part.waiting.length === 0) return [event];
    part.waiting.push(event);
    return [];
  }
  const text = part.unwrapper.push(delta.value);
  if (text === undefined) {
    part.waiting.push(event);
    return [];
  }
  const { waiting } = part;
  part.waiting = [];
  // Nothing was taken away: the events stay as they came.
  if (text === waiting.map(textOf).join('') + delta.value) return [...waiting, event];
  const others = waiting.filter((one) => textOf(one) === '');
  if (text === '') return others;
  return [...others, partDeltaEvent(choice, index, { case: delta.case, value: text }, logprobs)];
}

function textOf(event: ChatEvent): string {
  const delta = event.case === 'partDelta' ? event.value.delta : undefined;
  return delta?.case === 'text' || delta?.case === 'argumentsJson' ? delta.value : '';
}
