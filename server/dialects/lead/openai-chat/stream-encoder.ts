import type { PartDelta, PartStart, StreamFinish } from '../../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { ChatEvent, ChatStreamEncoder, Frame, StreamStep, WireBody } from '../../dialect.ts';
import { encodeOpenAiError } from '../openai-error.ts';
import { createdOf } from './created.ts';
import { encodeAnnotation } from './encode-response.ts';
import { encodeLogprobs } from './logprobs.ts';
import { toBase64 } from './media.ts';
import { encodeUsage } from './usage.ts';
import { finishWord } from './words.ts';

/** All that is remembered of one stream on its way out. */
interface EncoderState {
  id: string;
  created: number;
  model: string;
  fingerprint: string;
  /** The kind of each part, and a call's position among the calls of its choice, by "choice/index". */
  readonly parts: Map<string, { readonly kind: string; readonly call: number }>;
  /** Calls so far, by choice. */
  readonly calls: Map<number, number>;
  /** Choices whose first delta, with the role, has gone out. */
  readonly begun: Set<number>;
  /** Choices whose finish reason has gone out. */
  readonly finished: Set<number>;
  usageSent: boolean;
}

const frame = (data: string): Frame => ({ event: '', data });

/** https://platform.openai.com/docs/api-reference/chat/streaming */
export function createStreamEncoder({ includeUsage }: { readonly includeUsage: boolean }): ChatStreamEncoder {
  const state: EncoderState = {
    id: '',
    created: 0,
    model: '',
    fingerprint: '',
    parts: new Map(),
    calls: new Map(),
    begun: new Set(),
    finished: new Set(),
    usageSent: false,
  };
  return {
    encode(step) {
      const finish = step.events.find((event) => event.case === 'finish');
      const frames = step.wire?.dialect === 'openai-chat' ? relay(state, step, includeUsage) : build(state, step, includeUsage);
      return finish?.case === 'finish' ? [...frames, ...ending(state, finish.value, includeUsage)] : frames;
    },
    encodeError: (error) => [frame(encodeOpenAiError(error))],
  };
}

/** The provider's own chunk, byte for byte unless it holds usage that the caller did not ask for. */
function relay(state: EncoderState, { wire }: StreamStep, includeUsage: boolean): Frame[] {
  if (wire === undefined) return [];
  const { json } = wire;
  noteChunk(state, json);
  if (includeUsage) {
    if (json.usage !== undefined && json.usage !== null) state.usageSent = true;
    return [frame(textOf(wire))];
  }
  if (!('usage' in json)) return [frame(textOf(wire))];
  const { usage: _hidden, ...rest } = json;
  const onlyUsage = Array.isArray(json.choices) && json.choices.length === 0;
  return onlyUsage ? [] : [frame(JSON.stringify(rest))];
}

function textOf(wire: WireBody): string {
  return wire.text ?? JSON.stringify(wire.json);
}

/** What later chunks of our own making must agree with. */
function noteChunk(state: EncoderState, chunk: JsonObject): void {
  if (typeof chunk.id === 'string') state.id = chunk.id;
  if (typeof chunk.model === 'string') state.model = chunk.model;
  if (typeof chunk.created === 'number') state.created = chunk.created;
  if (!Array.isArray(chunk.choices)) return;
  for (const choice of chunk.choices as readonly JsonObject[]) {
    const index = typeof choice?.index === 'number' ? choice.index : 0;
    state.begun.add(index);
    if (typeof choice?.finish_reason === 'string') state.finished.add(index);
  }
}

function build(state: EncoderState, step: StreamStep, includeUsage: boolean): Frame[] {
  return step.events.flatMap((event) => {
    const choice = encodeEvent(state, event);
    return choice === undefined ? [] : [chunkFrame(state, { choices: [choice], ...(includeUsage ? { usage: null } : {}) })];
  });
}

function chunkFrame(state: EncoderState, members: JsonObject): Frame {
  const { id, created, model, fingerprint } = state;
  return frame(
    JSON.stringify({
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      ...(fingerprint === '' ? {} : { system_fingerprint: fingerprint }),
      ...members,
    }),
  );
}

/** The choice of a chunk for one event; undefined where the event has no chunk. */
function encodeEvent(state: EncoderState, event: ChatEvent): JsonObject | undefined {
  switch (event.case) {
    case 'start':
      state.id = event.value.id;
      state.model = event.value.model;
      state.created = createdOf(event.value.createTime);
      state.fingerprint = event.value.systemFingerprint;
      return choiceOf(state, 0, {});
    case 'partStart':
      return encodePartStart(state, event.value);
    case 'partDelta':
      return encodePartDelta(state, event.value);
    default:
      return undefined;
  }
}

/** The first delta of a choice names the role. */
function choiceOf(state: EncoderState, index: number, delta: JsonObject): JsonObject {
  const role = state.begun.has(index) ? {} : { role: 'assistant', content: null };
  state.begun.add(index);
  return { index, delta: { ...role, ...delta }, logprobs: null, finish_reason: null };
}

function encodePartStart(state: EncoderState, { choice, index, part }: PartStart): JsonObject | undefined {
  const kind = part?.kind;
  const call = state.calls.get(choice) ?? 0;
  state.parts.set(`${choice}/${index}`, { kind: kind?.case ?? '', call });
  if (kind?.case === 'toolCall' && !kind.value.providerExecuted) {
    state.calls.set(choice, call + 1);
    const { id, name, input } = kind.value;
    const called =
      input.case === 'text'
        ? { type: 'custom', custom: { name, input: input.value } }
        : { type: 'function', function: { name, arguments: input.value ?? '' } };
    return choiceOf(state, choice, { tool_calls: [{ index: call, id, ...called }] });
  }
  if (kind?.case === 'audio' && kind.value.id !== '') return choiceOf(state, choice, { audio: { id: kind.value.id } });
  const text = kind?.case === 'text' || kind?.case === 'reasoning' || kind?.case === 'refusal' ? kind.value.text : '';
  return text === '' ? undefined : choiceOf(state, choice, textDelta(kind?.case ?? '', text));
}

function textDelta(kind: string, text: string): JsonObject {
  if (kind === 'reasoning') return { reasoning_content: text };
  return kind === 'refusal' ? { refusal: text } : { content: text };
}

function encodePartDelta(state: EncoderState, { choice, index, delta, logprobs }: PartDelta): JsonObject | undefined {
  const part = state.parts.get(`${choice}/${index}`) ?? { kind: 'text', call: 0 };
  const body = deltaBody(delta, part);
  if (body === undefined) return undefined;
  const encoded = choiceOf(state, choice, body);
  return logprobs === undefined ? encoded : { ...encoded, logprobs: encodeLogprobs(logprobs) };
}

function deltaBody(
  delta: PartDelta['delta'],
  part: { readonly kind: string; readonly call: number },
): JsonObject | undefined {
  switch (delta.case) {
    case 'text':
      return part.kind === 'toolCall'
        ? { tool_calls: [{ index: part.call, custom: { input: delta.value } }] }
        : textDelta(part.kind, delta.value);
    case 'argumentsJson':
      return { tool_calls: [{ index: part.call, function: { arguments: delta.value } }] };
    case 'data':
      return part.kind === 'audio' ? { audio: { data: toBase64(delta.value) } } : undefined;
    case 'transcript':
      return { audio: { transcript: delta.value } };
    case 'annotation': {
      const annotations = encodeAnnotation(delta.value);
      return annotations.length === 0 ? undefined : { annotations };
    }
    default:
      return undefined;
  }
}

/** Finish reasons that have not gone out yet, usage where asked for, and the terminal marker. */
function ending(state: EncoderState, finish: StreamFinish, includeUsage: boolean): Frame[] {
  const nullUsage = includeUsage ? { usage: null } : {};
  const reasons = finish.choices
    .filter(({ choice }) => !state.finished.has(choice))
    .map(({ choice, reason }) =>
      chunkFrame(state, {
        choices: [{ index: choice, delta: {}, logprobs: null, finish_reason: finishWord(reason) }],
        ...nullUsage,
      }),
    );
  const usage =
    includeUsage && !state.usageSent && finish.usage !== undefined
      ? [chunkFrame(state, { choices: [], usage: encodeUsage(finish.usage) })]
      : [];
  return [...reasons, ...usage, frame('[DONE]')];
}
