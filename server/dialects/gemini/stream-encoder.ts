import type { StreamFinish } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import type { ChatStreamEncoder, Frame, StreamStep, WireBody } from '../dialect.ts';
import { evenSteps } from '../even-steps.ts';
import { countOf, objectsOf, stringOf } from '../read-answer.ts';
import { createPartsState, encodePartEvent, groundingOf, type PartsState } from './encode-part-event.ts';
import { answerHead } from './encode-response.ts';
import { encodeError } from './error.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, finishWord } from './wire.ts';

/** All that is known of a streamed answer on its way to the caller. */
export interface ChatEncoderState {
  /** What each built chunk says of the answer. */
  head: JsonObject;
  readonly parts: PartsState;
  /** Choices whose finish reason has gone out. */
  readonly finished: Set<number>;
  /** Whether a chunk came in this format that says why the answer ended. */
  blocked: boolean;
  done: boolean;
}

/**
 * Writes chunks of streamGenerateContent. A step that came in this format goes out as the text that it came in; others
 * are built from their events. There is no marker for the end: the last chunk has the finish reasons.
 */
export function createStreamEncoder(): ChatStreamEncoder {
  const state: ChatEncoderState = {
    head: {},
    parts: createPartsState(),
    finished: new Set(),
    blocked: false,
    done: false,
  };
  const even = evenSteps(DIALECT);
  return {
    encode: (step) => (state.done ? [] : encode(state, even(step))),
    encodeError: (error: SluiceError) => (state.done ? [] : [frame(encodeError(error))]),
  };
}

const frame = (data: string): Frame => ({ event: '', data });

function encode(state: ChatEncoderState, step: StreamStep): Frame[] {
  const text = step.wire?.dialect === DIALECT ? step.wire.text : undefined;
  if (step.wire !== undefined && text !== undefined) note(state, step.wire);
  const frames = text === undefined ? [] : [frame(text)];
  for (const event of step.events) {
    if (event.case === 'finish') {
      frames.push(...finish(state, event.value));
    } else if (event.case === 'start') {
      state.head = answerHead(event.value);
    } else {
      // Relayed events are noted all the same: a built chunk may follow.
      const candidate = encodePartEvent(state.parts, event);
      if (candidate !== undefined && text === undefined) frames.push(chunk(state, [candidate]));
    }
  }
  return frames;
}

function chunk(state: ChatEncoderState, candidates: readonly JsonObject[], extra: JsonObject = {}): Frame {
  return frame(JSON.stringify({ candidates, ...extra, ...state.head }));
}

/** SDKs take a candidate without parts for a broken answer, so that the last chunk has an empty text, as Google's have. */
function finish(state: ChatEncoderState, { choices, usage }: StreamFinish): Frame[] {
  state.done = true;
  const left = state.blocked ? [] : choices.filter(({ choice }) => !state.finished.has(choice));
  if (left.length === 0) return [];
  const candidates = left.map(({ choice, reason }) => ({
    content: { parts: [{ text: '' }], role: 'model' },
    finishReason: finishWord({ reason }).word ?? undefined,
    index: choice,
    groundingMetadata: groundingOf(state.parts, choice),
  }));
  return [chunk(state, candidates, { usageMetadata: encodeUsage(usage) })];
}

/** What a relayed chunk has told the caller, so that it is not told again. */
function note(state: ChatEncoderState, { json }: WireBody): void {
  state.blocked ||= json['promptFeedback'] !== undefined && objectsOf(json['candidates']).length === 0;
  for (const [position, candidate] of objectsOf(json['candidates']).entries()) {
    if (stringOf(candidate['finishReason']) === '') continue;
    state.finished.add(countOf(candidate['index']) ?? position);
  }
}
