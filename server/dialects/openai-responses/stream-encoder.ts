import type { StreamFinish, StreamStart } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import type { ChatEvent, ChatStreamEncoder, Frame, StreamStep, WireBody } from '../dialect.ts';
import { evenSteps } from '../even-steps.ts';
import { countOf, stringOf } from '../read-answer.ts';
import { itemJson, type WireEvent } from './answer-items.ts';
import { closeOutput, createOutput, type OutputState, writeEvent } from './answer-output.ts';
import { errorEvent } from './error.ts';
import { type ResponseHead, responseObject } from './response-object.ts';
import { DIALECT, statusOf } from './wire.ts';

/** All that is known of a streamed answer on its way to the caller. */
export interface ResponsesEncoderState {
  head: ResponseHead;
  readonly output: OutputState;
  /** The number of the next event. */
  sequence: number;
  /** Whether the answer was relayed as the provider wrote it. */
  relayed: boolean;
  /** Whether the terminal event has gone out; nothing follows it. */
  done: boolean;
}

/**
 * Writes events of https://platform.openai.com/docs/api-reference/responses-streaming. A step that came in this format goes
 * out as the text that it came in; others are built from their events.
 */
export function createStreamEncoder({ asked }: { readonly asked?: JsonObject } = {}): ChatStreamEncoder {
  const state: ResponsesEncoderState = {
    head: { id: '', model: '', createdAt: 0, asked },
    output: createOutput(),
    sequence: 0,
    relayed: false,
    done: false,
  };
  const even = evenSteps(DIALECT);
  return {
    encode: (step) => (state.done ? [] : encode(state, even(step))),
    encodeError: (error: SluiceError) => (state.done ? [] : [breakOff(state, error)]),
  };
}

function encode(state: ResponsesEncoderState, step: StreamStep): Frame[] {
  const { wire } = step;
  if (wire?.dialect === DIALECT && wire.text !== undefined) return [relay(state, wire, wire.text)];
  // The last step of a relayed answer holds its own terminal event: there is nothing to build.
  if (state.relayed) return [];
  return step.events.flatMap((event) => eventsOf(state, event)).map((event) => frame(state, event));
}

function relay(state: ResponsesEncoderState, { json }: WireBody, text: string): Frame {
  state.relayed = true;
  const event = stringOf(json['type']);
  state.sequence = (countOf(json['sequence_number']) ?? state.sequence) + 1;
  state.done = event === 'response.completed' || event === 'response.incomplete';
  return { event, data: text };
}

function frame(state: ResponsesEncoderState, event: JsonObject): Frame {
  const numbered = { ...event, sequence_number: state.sequence };
  state.sequence += 1;
  return { event: stringOf(event['type']), data: JSON.stringify(numbered) };
}

function breakOff(state: ResponsesEncoderState, error: SluiceError): Frame {
  state.done = true;
  return frame(state, errorEvent(error));
}

function eventsOf(state: ResponsesEncoderState, event: ChatEvent): WireEvent[] {
  switch (event.case) {
    case 'start':
      return begin(state, event.value);
    case 'finish':
      return finish(state, event.value);
    default:
      return writeEvent(state.output, event);
  }
}

function begin(state: ResponsesEncoderState, { id, model, createTime }: StreamStart): WireEvent[] {
  state.head = { ...state.head, id, model, createdAt: Number(createTime?.seconds ?? 0) };
  state.output.responseId = id;
  const response = responseObject(state.head, { finish: undefined, output: [] });
  return [
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
  ];
}

function finish(state: ResponsesEncoderState, { choices, usage, serviceTier }: StreamFinish): WireEvent[] {
  state.done = true;
  const reason = choices.find(({ choice }) => choice === 0)?.reason ?? FinishReason.UNSPECIFIED;
  const status = statusOf(reason);
  const closing = closeOutput(state.output, status);
  const output = state.output.items.map((item) => itemJson(item));
  const response = responseObject(state.head, { finish: reason, output, usage, serviceTier });
  return [...closing, { type: `response.${status}`, response }];
}
