import type { PartDelta, PartStart, StreamFinish } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import type { ChatEvent, ChatStreamEncoder, Frame, StreamStep, WireBody } from '../dialect.ts';
import { countOf, listOf, objectOf, stringOf } from '../read-answer.ts';
import { withoutMember } from '../without-member.ts';
import { encodeError } from './error.ts';
import { encodeLogprobs } from './logprobs.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, DONE, finishWord } from './wire.ts';

/** All that is known of a streamed answer on its way to the caller. */
export interface CompletionsEncoderState {
  readonly includeUsage: boolean;
  /** What each built chunk says of the answer. */
  head: JsonObject;
  /** Parts that are words, by choice and index. */
  readonly words: Set<string>;
  /** UTF-16 units of text, by choice. */
  readonly lengths: Map<number, number>;
  /** Choices whose finish reason has gone out. */
  readonly finished: Set<number>;
  usageSent: boolean;
  /** Whether [DONE] has gone out; nothing follows it. */
  done: boolean;
}

/**
 * Writes the chunks of a streamed completion. A step that came in this format goes out as the text that it came in, less
 * the usage that the caller did not ask for; of others the words are shown, which are all that the format has.
 */
export function createStreamEncoder({ includeUsage }: { readonly includeUsage: boolean }): ChatStreamEncoder {
  const state: CompletionsEncoderState = {
    includeUsage,
    head: { id: '', object: 'text_completion', created: 0, model: '' },
    words: new Set(),
    lengths: new Map(),
    finished: new Set(),
    usageSent: false,
    done: false,
  };
  return {
    encode: (step) => (state.done ? [] : encode(state, step)),
    encodeError: (error: SluiceError) => (state.done ? [] : [frame(encodeError(error))]),
  };
}

const frame = (data: string): Frame => ({ event: '', data });

function encode(state: CompletionsEncoderState, step: StreamStep): Frame[] {
  const text = step.wire?.dialect === DIALECT ? step.wire.text : undefined;
  const relayed = step.wire === undefined || text === undefined ? [] : relay(state, step.wire, text);
  const built = step.events.flatMap((event) => framesOf(state, event, text !== undefined));
  return [...relayed, ...built];
}

function framesOf(state: CompletionsEncoderState, event: ChatEvent, relayed: boolean): Frame[] {
  switch (event.case) {
    case 'start': {
      const { id, createTime, model, systemFingerprint } = event.value;
      const created = Number(createTime?.seconds ?? 0);
      state.head = { ...state.head, id, created, model, system_fingerprint: systemFingerprint || undefined };
      return [];
    }
    case 'partStart':
      return relayed ? [] : startWords(state, event.value);
    case 'partDelta':
      return relayed ? [] : growWords(state, event.value);
    case 'partEnd':
      return [];
    case 'finish':
      return finish(state, event.value);
  }
}

const keyOf = ({ choice, index }: PartStart | PartDelta): string => `${choice}:${index}`;

function startWords(state: CompletionsEncoderState, start: PartStart): Frame[] {
  const kind = start.part?.kind;
  if (kind?.case !== 'text' && kind?.case !== 'refusal') return [];
  state.words.add(keyOf(start));
  return kind.value.text === '' ? [] : [words(state, start.choice, { text: kind.value.text, logprobs: null })];
}

function growWords(state: CompletionsEncoderState, grown: PartDelta): Frame[] {
  const { choice, delta } = grown;
  if (delta.case !== 'text' || !state.words.has(keyOf(grown))) return [];
  const logprobs = encodeLogprobs(grown.logprobs, state.lengths.get(choice) ?? 0);
  return [words(state, choice, { text: delta.value, logprobs })];
}

function words(
  state: CompletionsEncoderState,
  choice: number,
  { text, logprobs }: { readonly text: string; readonly logprobs: JsonValue },
): Frame {
  state.lengths.set(choice, (state.lengths.get(choice) ?? 0) + text.length);
  return chunk(state, [{ text, index: choice, logprobs, finish_reason: null }]);
}

function chunk(state: CompletionsEncoderState, choices: readonly JsonObject[], extra: JsonObject = {}): Frame {
  return frame(JSON.stringify({ ...state.head, choices, ...(state.includeUsage && { usage: null }), ...extra }));
}

function finish(state: CompletionsEncoderState, { choices, usage }: StreamFinish): Frame[] {
  state.done = true;
  const frames = choices
    .filter(({ choice }) => !state.finished.has(choice))
    .map(({ choice, reason }) =>
      chunk(state, [{ text: '', index: choice, logprobs: null, finish_reason: finishWord({ reason }).word }]),
    );
  const counts = encodeUsage(usage);
  if (state.includeUsage && !state.usageSent && counts !== undefined) frames.push(chunk(state, [], { usage: counts }));
  return [...frames, frame(DONE)];
}

function relay(state: CompletionsEncoderState, { json }: WireBody, text: string): Frame[] {
  const choices = listOf(json['choices']);
  for (const [position, value] of choices.entries()) {
    const choice = objectOf(value);
    if (stringOf(choice?.['finish_reason']) !== '') state.finished.add(countOf(choice?.['index']) ?? position);
  }
  if (state.includeUsage) {
    state.usageSent ||= objectOf(json['usage']) !== undefined;
    return [frame(text)];
  }
  if (json['usage'] === undefined) return [frame(text)];
  const onlyUsage = choices.length === 0 && Object.keys(json).every((name) => ENVELOPE.has(name));
  return onlyUsage ? [] : [frame(withoutMember(text, 'usage'))];
}

/** Members of a chunk that say nothing by themselves. */
const ENVELOPE: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'system_fingerprint',
  'choices',
  'usage',
]);
