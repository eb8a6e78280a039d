import { create } from '@bufbuild/protobuf';
import { StreamFinishSchema, StreamStartSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { ChatEvent, ChatStreamDecoder, Frame, StreamStep } from '../dialect.ts';
import { isComplaint } from '../provider-complaint.ts';
import { objectOf, parseAnswer, parseExactAnswer, stringOf } from '../read-answer.ts';
import { encodeExtras } from './answer-extras.ts';
import { endingOf } from './decode-response.ts';
import { inBandError } from './error.ts';
import { addToBlock, type BlocksState, createBlocksState, startBlock, stopBlock, stopBlocks } from './stream-blocks.ts';
import { decodeUsage, mergeLatest } from './usage.ts';
import { DIALECT } from './wire.ts';

/** All that is known of a streamed answer so far. */
export interface MessageStreamState {
  started: boolean;
  /** Whether message_stop came. */
  stopped: boolean;
  readonly blocks: BlocksState;
  /** The latest of each count, as the wire has them. */
  usage: JsonObject;
  /** Members of the message that deltas set: stop_reason, container and so on. */
  message: JsonObject;
}

/** Decodes events of https://platform.claude.com/docs/en/build-with-claude/streaming, one answer per decoder. */
export function createStreamDecoder(): ChatStreamDecoder {
  const state: MessageStreamState = {
    started: false,
    stopped: false,
    blocks: createBlocksState(),
    usage: {},
    message: {},
  };
  return {
    push: (frame) => push(state, frame),
    end: () => end(state),
    get terminated() {
      return state.stopped;
    },
    get usage() {
      return decodeUsage(state.usage);
    },
  };
}

const DELTA = 'content_block_delta';

/** After message_stop the answer is whole: whatever follows, even another answer, is not part of it. */
function push(state: MessageStreamState, frame: Frame): StreamStep {
  if (state.stopped) return { events: [] };
  // Deltas hold arguments as text: only blocks that come whole hold JSON that is not the format's.
  const json = frame.event === DELTA ? parseAnswer(frame.data) : parseExactAnswer(frame.data);
  if (frame.event === 'error' || isComplaint(json)) throw inBandError(json);
  if (json['type'] === 'message_start' && state.started) {
    absorb(state, objectOf(json['message']) ?? {});
    return { events: [] };
  }
  return { events: eventsOf(state, json), wire: { dialect: DIALECT, json, text: frame.data } };
}

function eventsOf(state: MessageStreamState, json: JsonObject): readonly ChatEvent[] {
  switch (json['type']) {
    case 'message_start':
      return start(state, objectOf(json['message']) ?? {});
    case 'content_block_start':
      return begun(state, startBlock(state.blocks, indexOf(json), memberOf(json, 'content_block')));
    case 'content_block_delta':
      return begun(state, addToBlock(state.blocks, indexOf(json), memberOf(json, 'delta')));
    case 'content_block_stop':
      return stopBlock(state.blocks, indexOf(json));
    case 'message_delta':
      change(state, json);
      return [];
    case 'message_stop':
      state.stopped = true;
      return [];
    default:
      return [];
  }
}

/** Does nothing where the answer has begun. */
function start(state: MessageStreamState, message: JsonObject): ChatEvent[] {
  if (state.started) return [];
  state.started = true;
  absorb(state, message);
  const value = create(StreamStartSchema, { id: stringOf(message['id']), model: stringOf(message['model']) });
  return [{ case: 'start', value }];
}

/** What the beginning says, which is older than all that a server may have sent before it, or since the first of two. */
function absorb(state: MessageStreamState, message: JsonObject): void {
  state.message = { ...message, ...state.message };
  state.usage = mergeLatest(mergeLatest({}, message['usage']), state.usage);
}

/** The events, after the beginning of the answer where that is still to come. */
function begun(state: MessageStreamState, events: ChatEvent[]): ChatEvent[] {
  return state.started ? events : [...start(state, {}), ...events];
}

function change(state: MessageStreamState, json: JsonObject): void {
  state.usage = mergeLatest(state.usage, json['usage']);
  const { type: _, delta, usage: _usage, ...beside } = json;
  state.message = mergeLatest(mergeLatest(state.message, beside), delta);
}

function indexOf(json: JsonObject): number {
  const { index } = json;
  if (typeof index === 'number') return index;
  throw new AttemptError('MALFORMED', 'The provider sent a piece of a content block without its index.');
}

function memberOf(json: JsonObject, name: string): JsonObject {
  const member = objectOf(json[name]);
  if (member !== undefined) return member;
  throw new AttemptError('MALFORMED', `The provider sent ${stringOf(json['type'])} without ${name}.`);
}

/** A stream is whole when message_stop came and a reason for the end with it. Nothing of that is ever made up. */
function end(state: MessageStreamState): StreamStep {
  if (!state.stopped) throw new AttemptError('INTERRUPTED', 'The stream ended without message_stop.');
  const word = stringOf(state.message['stop_reason']);
  if (word === '') throw new AttemptError('INTERRUPTED', 'The stream ended without a stop reason.');
  const usage = decodeUsage(state.usage);
  const value = create(StreamFinishSchema, {
    choices: [
      {
        reason: endingOf(word, state.blocks.begun),
        rawReason: word,
        stopSequence: stringOf(state.message['stop_sequence']),
      },
    ],
    serviceTier: stringOf(state.usage['service_tier']),
    providerExtrasJson: encodeExtras({ ...state.message, usage: state.usage }),
    ...(usage && { usage }),
  });
  return { events: [...start(state, {}), ...stopBlocks(state.blocks), { case: 'finish', value }] };
}
