import { create } from '@bufbuild/protobuf';
import { StreamFinishSchema, StreamStartSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Usage } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { ChatEvent, ChatStreamDecoder, Frame, StreamStep, WireBody } from '../dialect.ts';
import { listOf, objectOf, parseAnswer, stringOf } from '../read-answer.ts';
import { outputParts, timeOf } from './decode-response.ts';
import { inBandError } from './error.ts';
import { addWhole, beginItem, createItemsState, endItem, type ItemSink, type ItemsState } from './item-stream.ts';
import { addEvent } from './stream-events.ts';
import { usageOf } from './usage.ts';
import { DIALECT, DONE, finishOf } from './wire.ts';

/** All that is known of a streamed answer so far. */
export interface ResponsesStreamState {
  started: boolean;
  readonly items: ItemsState;
  /** The terminal event, once it came. It goes on to the caller when the answer is settled. */
  terminal: { readonly wire: WireBody; readonly response: JsonObject } | undefined;
  usage: Usage | undefined;
}

/** Decodes events of https://platform.openai.com/docs/api-reference/responses-streaming, one answer per decoder. */
export function createStreamDecoder(): ChatStreamDecoder {
  const state: ResponsesStreamState = {
    started: false,
    items: createItemsState(),
    terminal: undefined,
    usage: undefined,
  };
  return {
    push: (frame) => push(state, frame),
    end: () => end(state),
    get terminated() {
      return state.terminal !== undefined;
    },
    get usage() {
      return state.usage;
    },
  };
}

function push(state: ResponsesStreamState, frame: Frame): StreamStep {
  // The answer is whole: whatever follows is no part of it.
  if (state.terminal !== undefined || frame.data.trim() === DONE) return { events: [] };
  const json = parseAnswer(frame.data);
  const wire: WireBody = { dialect: DIALECT, json, text: frame.data };
  const response = objectOf(json['response']);
  state.usage = (response && usageOf(response)) ?? state.usage;
  const events: ChatEvent[] = [];
  switch (json['type']) {
    case 'error':
      throw inBandError(json);
    case 'response.failed':
      throw inBandError(response ?? {});
    case 'response.completed':
    case 'response.incomplete':
      start(state, response, events);
      state.terminal = { wire, response: response ?? {} };
      return { events };
    case undefined:
      // Some servers and proxies have an error without its event.
      if (objectOf(json['error']) !== undefined) throw inBandError(json);
  }
  start(state, response, events);
  addEvent({ state: state.items, events }, json);
  return { events, wire };
}

function start(state: ResponsesStreamState, response: JsonObject | undefined, events: ChatEvent[]): void {
  if (state.started) return;
  state.started = true;
  const createTime = timeOf(response?.['created_at']);
  const value = create(StreamStartSchema, {
    id: stringOf(response?.['id']),
    model: stringOf(response?.['model']),
    ...(createTime && { createTime }),
  });
  events.push({ case: 'start', value });
}

/** A stream is whole when its terminal event came. Nothing of that is ever made up. */
function end(state: ResponsesStreamState): StreamStep {
  const { terminal, items } = state;
  if (terminal === undefined) {
    throw new AttemptError('INTERRUPTED', 'The stream ended without its terminal event.');
  }
  const { wire, response } = terminal;
  const events: ChatEvent[] = [];
  const sink: ItemSink = { state: items, events };
  for (const item of items.items.values()) endItem(sink, item);
  const completed = wire.json['type'] === 'response.completed';
  if (completed && items.items.size === 0 && listOf(response['output']).length === 0) {
    throw new AttemptError('EMPTY_RESPONSE', 'The provider streamed no item.');
  }
  if (items.nextPart === 0) addOutput(sink, response);
  const { reason, raw } = finishOf({
    status: completed ? 'completed' : 'incomplete',
    reason: stringOf(objectOf(response['incomplete_details'])?.['reason']),
    calls: items.calls,
  });
  const value = create(StreamFinishSchema, {
    choices: [{ choice: 0, reason, rawReason: raw }],
    serviceTier: stringOf(response['service_tier']),
    ...(state.usage && { usage: state.usage }),
  });
  events.push({ case: 'finish', value });
  return { events, wire };
}

/** Servers that do not really stream send the whole output with the terminal event. */
function addOutput(sink: ItemSink, response: JsonObject): void {
  const item = beginItem(sink, {}, {});
  for (const [index, part] of outputParts(response).entries()) {
    addWhole(sink, { item, key: `part ${index}`, empty: () => part });
  }
}
