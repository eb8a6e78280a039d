import type { StreamFinish } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import type { ChatStreamEncoder, Frame, StreamStep, WireBody } from '../dialect.ts';
import { evenSteps } from '../even-steps.ts';
import { countOf, listOf, objectOf, stringOf } from '../read-answer.ts';
import { decodeExtras } from './answer-extras.ts';
import { type ChoiceDelta, createDeltaState, type DeltaState, encodeDelta, noteEvent } from './encode-delta.ts';
import { encodeError } from './error.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, DONE, finishMembers } from './wire.ts';
import { withoutMember } from './without-member.ts';

/** All that is known of a streamed answer on its way to the caller. */
export interface ChatEncoderState {
  readonly includeUsage: boolean;
  /** What each built chunk says of the answer, as JSON text that its choices are added to. */
  head: string;
  readonly deltas: DeltaState;
  /** Choices whose finish reason has gone out. */
  readonly finished: Set<number>;
  usageSent: boolean;
  /** Whether [DONE] has gone out; nothing follows it. */
  done: boolean;
}

/**
 * Writes chunks of https://platform.openai.com/docs/api-reference/chat/streaming. A step that came in this format goes
 * out as the text that it came in, less the usage that the caller did not ask for; others are built from their events.
 */
export function createStreamEncoder({ includeUsage }: { readonly includeUsage: boolean }): ChatStreamEncoder {
  const state: ChatEncoderState = {
    includeUsage,
    head: headOf({ id: '', created: 0, model: '' }),
    deltas: createDeltaState(),
    finished: new Set(),
    usageSent: false,
    done: false,
  };
  const even = evenSteps(DIALECT);
  return {
    encode: (step) => (state.done ? [] : encode(state, even(step))),
    encodeError: (error: SluiceError) => (state.done ? [] : [frame(encodeError(error))]),
  };
}

/** Written once for all chunks of an answer. */
function headOf({ id, created, model, ...more }: JsonObject): string {
  const head = { id, object: 'chat.completion.chunk', created, model, ...more };
  return `${JSON.stringify(head).slice(0, -1)},"choices":`;
}

const frame = (data: string): Frame => ({ event: '', data });

function encode(state: ChatEncoderState, step: StreamStep): Frame[] {
  const text = step.wire?.dialect === DIALECT ? step.wire.text : undefined;
  const frames = step.wire === undefined || text === undefined ? [] : relay(state, step.wire, text);
  for (const event of step.events) {
    if (event.case === 'finish') {
      frames.push(...finish(state, event.value));
    } else if (event.case === 'start') {
      const { id, createTime, model, systemFingerprint } = event.value;
      const created = Number(createTime?.seconds ?? 0);
      state.head = headOf({ id, created, model, system_fingerprint: systemFingerprint || undefined });
    } else if (text === undefined) {
      const delta = encodeDelta(state.deltas, event);
      if (delta !== undefined) frames.push(chunk(state, choicesText(delta)));
    } else {
      // A built chunk may follow.
      noteEvent(state.deltas, event);
    }
  }
  return frames;
}

/** One choice in the midst of its answer, as JSON text. */
function choicesText({ choice, delta, logprobs }: ChoiceDelta): string {
  const beside = logprobs === undefined ? '' : `"logprobs":${JSON.stringify(logprobs)},`;
  return `[{"index":${choice},"delta":${JSON.stringify(delta)},${beside}"finish_reason":null}]`;
}

/** choices: their JSON text. extra: members beside them. */
function chunk(state: ChatEncoderState, choices: string, extra?: JsonObject): Frame {
  const beside = state.includeUsage ? { usage: null, ...extra } : extra;
  const rest = beside === undefined ? '{}' : JSON.stringify(beside);
  const end = rest === '{}' ? '}' : `,${rest.slice(1)}`;
  return frame(`${state.head}${choices}${end}`);
}

function finish(state: ChatEncoderState, { choices, usage, serviceTier, providerExtrasJson }: StreamFinish): Frame[] {
  state.done = true;
  const tier = { service_tier: serviceTier || undefined };
  // Relayed chunks have shown them.
  const extras = decodeExtras(providerExtrasJson);
  const frames = choices
    .filter(({ choice }) => !state.finished.has(choice))
    .map(({ choice, reason, rawReason }) => {
      const delta = state.deltas.roles.has(choice) ? {} : { role: 'assistant', content: '' };
      const choicesLeft = JSON.stringify([{ index: choice, delta, ...finishMembers({ reason, rawReason }) }]);
      return chunk(state, choicesLeft, { ...extras, ...tier });
    });
  const counts = encodeUsage(usage);
  if (state.includeUsage && !state.usageSent && counts !== undefined) {
    frames.push(chunk(state, '[]', { ...tier, usage: counts }));
  }
  return [...frames, frame(DONE)];
}

function relay(state: ChatEncoderState, { json }: WireBody, text: string): Frame[] {
  const choices = listOf(json['choices']);
  for (const [position, choice] of choices.entries()) note(state, choice, position);
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
  'service_tier',
  'choices',
  'usage',
  'obfuscation',
]);

/** What a relayed choice has told the caller, so that it is not told again. */
function note(state: ChatEncoderState, value: JsonValue, position: number): void {
  const choice = objectOf(value);
  const index = countOf(choice?.['index']) ?? position;
  state.deltas.roles.add(index);
  if (stringOf(choice?.['finish_reason']) !== '') state.finished.add(index);
}
