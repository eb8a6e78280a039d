import type { StreamFinish, StreamStart } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import type { ChatEvent, ChatStreamEncoder, Frame, StreamStep, WireBody } from '../dialect.ts';
import { evenSteps } from '../even-steps.ts';
import { objectOf, stringOf } from '../read-answer.ts';
import {
  type BlockState,
  beginEvents,
  createBlock,
  deltaEvents,
  endEvents,
  startEvents,
  type WireEvent,
} from './encode-block-events.ts';
import { extrasOf, usageMember } from './encode-response.ts';
import { encodeError } from './error.ts';
import { createPartQueue, type PartEvent, type PartQueue } from './part-queue.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, finishWord } from './wire.ts';

/** All that is known of a streamed answer on its way to the caller. */
export interface MessageEncoderState {
  started: boolean;
  /** By index of the part. */
  readonly blocks: Map<number, BlockState>;
  readonly queue: PartQueue;
  nextIndex: number;
  /** Frames that came before the beginning and wait for it. */
  readonly early: Frame[];
  /** Whether the reason for the end has gone out. */
  deltaSent: boolean;
  /** message_stop as it came; it waits for the finish event. */
  stop: Frame | undefined;
  /** Whether message_stop has gone out; nothing follows it. */
  done: boolean;
}

/**
 * Writes events of https://platform.claude.com/docs/en/build-with-claude/streaming. A step that came in this format goes
 * out as the text that it came in; others are built from their events.
 */
export function createStreamEncoder(): ChatStreamEncoder {
  const state: MessageEncoderState = {
    started: false,
    blocks: new Map(),
    queue: createPartQueue(),
    nextIndex: 0,
    early: [],
    deltaSent: false,
    stop: undefined,
    done: false,
  };
  const even = evenSteps(DIALECT);
  return {
    encode: (step) => (state.done ? [] : encode(state, even(step))),
    encodeError: (error: SluiceError) => (state.done ? [] : [{ event: 'error', data: encodeError(error) }]),
  };
}

const frameOf = (event: WireEvent): Frame => ({ event: event.type, data: JSON.stringify(event) });

function encode(state: MessageEncoderState, { wire, events }: StreamStep): Frame[] {
  const text = wire?.dialect === DIALECT ? wire.text : undefined;
  const relayed = wire !== undefined && text !== undefined;
  const frames = relayed ? [...lateStart(state, wire, events), ...relay(state, wire, text)] : [];
  for (const event of events) {
    if (event.case === 'finish') frames.push(...finish(state, event.value));
    else if (!relayed || !isOnlyWords(event)) {
      const built = event.case === 'start' ? startOf(state, event.value) : partEvents(state, event, relayed);
      // Relayed events are noted all the same: a built one may follow.
      if (!relayed) frames.push(...built.map(frameOf));
    }
  }
  return state.started ? [...frames, ...state.early.splice(0)] : frames;
}

/** SDKs break at a stream whose first event is not message_start: where the provider's is not, one is built. */
function lateStart(state: MessageEncoderState, { json }: WireBody, events: readonly ChatEvent[]): Frame[] {
  const start = json['type'] === 'message_start' ? undefined : events.find((event) => event.case === 'start');
  return start === undefined ? [] : startOf(state, start.value).map(frameOf);
}

/** Whether nothing that follows depends on an event. */
function isOnlyWords({ case: kind, value }: Exclude<ChatEvent, { case: 'finish' }>): boolean {
  return kind === 'partDelta' && value.delta.case !== 'signature';
}

function relay(state: MessageEncoderState, { json }: WireBody, text: string): Frame[] {
  const frame = { event: stringOf(json['type']), data: text };
  if (json['type'] === 'message_start' && state.started) return [];
  if (json['type'] === 'message_stop') state.stop = frame;
  else if (json['type'] === 'message_delta') {
    state.deltaSent ||= stringOf(objectOf(json['delta'])?.['stop_reason']) !== '';
    if (!state.started) {
      state.early.push(frame);
      return [];
    }
  }
  return state.stop === undefined ? [frame] : [];
}

/** Usage is known at the end only; SDKs want numbers here and replace them by those of message_delta. */
function startOf(state: MessageEncoderState, { id, model }: Pick<StreamStart, 'id' | 'model'>): WireEvent[] {
  if (state.started) return [];
  state.started = true;
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: encodeUsage(undefined),
  };
  return [{ type: 'message_start', message }];
}

/** An answer is one in this format: other choices cannot be asked for, and are left out. */
function partEvents(state: MessageEncoderState, event: PartEvent, relayed: boolean): WireEvent[] {
  if (event.value.choice !== 0) return [];
  const ready = state.queue.add(event);
  const [only] = ready;
  if (ready.length === 1 && only !== undefined) return blockEvents(state, only, relayed);
  return ready.flatMap((one) => blockEvents(state, one, relayed));
}

function blockEvents(state: MessageEncoderState, event: PartEvent, relayed: boolean): WireEvent[] {
  const next = (): number => state.nextIndex++;
  if (event.case === 'partStart') {
    const block = createBlock(event.value);
    state.blocks.set(event.value.index, block);
    // A relayed block has begun, whether it will have words or not.
    return [...(relayed ? beginEvents(block, next) : []), ...startEvents(block, event.value, next)];
  }
  const block = state.blocks.get(event.value.index);
  if (block === undefined) return [];
  return event.case === 'partDelta' ? deltaEvents(block, event.value.delta, next) : endEvents(block, next);
}

function finish(state: MessageEncoderState, event: StreamFinish): Frame[] {
  const open = state.queue.flush().flatMap((ended) => blockEvents(state, ended, false));
  const begun = startOf(state, { id: '', model: '' });
  const early = state.early.splice(0);
  const built = [
    ...open,
    ...(state.deltaSent ? [] : [messageDelta(event)]),
    ...(state.stop === undefined ? [{ type: 'message_stop' }] : []),
  ];
  state.done = true;
  return [...begun.map(frameOf), ...early, ...built.map(frameOf), ...(state.stop === undefined ? [] : [state.stop])];
}

function messageDelta({ choices, usage, serviceTier, providerExtrasJson }: StreamFinish): WireEvent {
  const { reason = 0, rawReason = '', stopSequence = '' } = choices.find(({ choice }) => choice === 0) ?? {};
  const { usage: moreUsage, context_management, ...extras } = extrasOf(providerExtrasJson);
  const delta: JsonObject = {
    stop_reason: finishWord({ reason, rawReason, stopSequence }).word,
    stop_sequence: stopSequence || null,
    ...extras,
  };
  return {
    type: 'message_delta',
    delta,
    usage: { ...usageMember(usage, serviceTier), ...objectOf(moreUsage) },
    ...(context_management !== undefined && { context_management }),
  };
}
