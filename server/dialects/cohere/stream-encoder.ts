import type { PartDelta, PartStart, StreamFinish } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import type { ChatEvent, ChatStreamEncoder, Frame, StreamStep } from '../dialect.ts';
import { evenSteps } from '../even-steps.ts';
import { stringOf } from '../read-answer.ts';
import { encodeCitation } from './citations.ts';
import { contentEntry } from './encode-response.ts';
import { encodeError } from './error.ts';
import { encodeLogprobs } from './logprobs.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, finishWord } from './wire.ts';

/** A part on its way to the caller. */
interface PartState {
  readonly kind: 'text' | 'thinking' | 'call';
  /** Its index on the wire: calls are counted apart from content. */
  readonly index: number;
  /** Its text so far. */
  text: string;
}

/** All that is known of a streamed answer on its way to the caller. */
export interface ChatEncoderState {
  /** By the index of the part. */
  readonly parts: Map<number, PartState>;
  contents: number;
  calls: number;
  citations: number;
  /** Whether message-end has gone out; nothing follows it. */
  done: boolean;
}

/**
 * Writes events of https://docs.cohere.com/docs/streaming. A step that came in this format goes out as the text that it
 * came in; others are built from their events. The format has one answer: of several, only the first is written.
 */
export function createStreamEncoder(): ChatStreamEncoder {
  const state: ChatEncoderState = { parts: new Map(), contents: 0, calls: 0, citations: 0, done: false };
  const even = evenSteps(DIALECT);
  return {
    encode: (step) => (state.done ? [] : encode(state, even(step))),
    encodeError: (error: SluiceError) => (state.done ? [] : [{ event: 'error', data: encodeError(error) }]),
  };
}

const frame = (type: string, members: JsonObject): Frame => ({
  event: type,
  data: JSON.stringify({ type, ...members }),
});

function encode(state: ChatEncoderState, { events, wire }: StreamStep): Frame[] {
  const own = wire?.dialect === DIALECT ? wire : undefined;
  if (own?.text === undefined) return events.flatMap((event) => eventFrames(state, event));
  const event = stringOf(own.json['type']);
  state.done = event === 'message-end';
  return [{ event, data: own.text }];
}

function eventFrames(state: ChatEncoderState, event: ChatEvent): Frame[] {
  switch (event.case) {
    case 'start':
      return [frame('message-start', { id: event.value.id, delta: { message: EMPTY } })];
    case 'partStart':
      return event.value.choice === 0 ? startFrames(state, event.value) : [];
    case 'partDelta':
      return event.value.choice === 0 ? deltaFrames(state, event.value) : [];
    case 'partEnd':
      return event.value.choice === 0 ? endFrames(state, event.value.index) : [];
    case 'finish':
      return finishFrames(state, event.value);
  }
}

const EMPTY = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] };

function startFrames(state: ChatEncoderState, { index, part }: PartStart): Frame[] {
  const kind = part?.kind;
  if (kind?.case === 'toolCall' && !kind.value.providerExecuted) {
    const { id, name, input } = kind.value;
    const known = { kind: 'call' as const, index: state.calls, text: '' };
    state.calls += 1;
    state.parts.set(index, known);
    const call = { id, type: 'function', function: { name, arguments: input.value ?? '' } };
    return [frame('tool-call-start', { index: known.index, delta: { message: { tool_calls: call } } })];
  }
  if (part === undefined || kind === undefined) return [];
  if (kind.case === 'image' || kind.case === 'audio' || kind.case === 'raw') return startWhole(state, index, part);
  if (kind.case !== 'text' && kind.case !== 'refusal' && kind.case !== 'reasoning') return [];
  const type = kind.case === 'reasoning' ? 'thinking' : 'text';
  const known = { kind: type, index: state.contents, text: kind.value.text } as const;
  state.contents += 1;
  state.parts.set(index, known);
  const [entry = { type, [type]: '' }] = contentEntry(part);
  return [frame('content-start', { index: known.index, delta: { message: { content: entry } } })];
}

/** What has its entry at its start; a transcript goes on as text. */
function startWhole(state: ChatEncoderState, index: number, part: Part): Frame[] {
  const [entry] =
    part.kind.case === 'audio' ? [{ type: 'text', text: part.kind.value.transcript }] : contentEntry(part);
  if (entry === undefined) return [];
  const known = { kind: 'text', index: state.contents, text: '' } as const;
  state.contents += 1;
  state.parts.set(index, known);
  return [frame('content-start', { index: known.index, delta: { message: { content: entry } } })];
}

function deltaFrames(state: ChatEncoderState, { index, delta, logprobs }: PartDelta): Frame[] {
  const part = state.parts.get(index);
  if (part === undefined) return [];
  if (delta.case === 'annotation') {
    const citation = encodeCitation(delta.value, part.text);
    return citation === undefined ? [] : citationFrames(state, { ...citation, content_index: part.index });
  }
  if (delta.case !== 'text' && delta.case !== 'argumentsJson' && delta.case !== 'transcript') return [];
  const at = { index: part.index };
  if (part.kind === 'call') {
    const call = { function: { arguments: delta.value } };
    return [frame('tool-call-delta', { ...at, delta: { message: { tool_calls: call } } })];
  }
  part.text += delta.value;
  const [chances] = encodeLogprobs(logprobs) ?? [];
  const content = { [part.kind]: delta.value };
  return [frame('content-delta', { ...at, delta: { message: { content } }, ...(chances && { logprobs: chances }) })];
}

function citationFrames(state: ChatEncoderState, citations: JsonObject): Frame[] {
  const at = { index: state.citations };
  state.citations += 1;
  return [frame('citation-start', { ...at, delta: { message: { citations } } }), frame('citation-end', at)];
}

function endFrames({ parts }: ChatEncoderState, index: number): Frame[] {
  const part = parts.get(index);
  return part === undefined
    ? []
    : [frame(part.kind === 'call' ? 'tool-call-end' : 'content-end', { index: part.index })];
}

function finishFrames(state: ChatEncoderState, { choices, usage }: StreamFinish): Frame[] {
  state.done = true;
  const [choice] = choices;
  const delta = { finish_reason: choice ? finishWord(choice).word : null, usage: encodeUsage(usage) };
  return [frame('message-end', { delta })];
}
