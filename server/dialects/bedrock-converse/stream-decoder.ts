import { create } from '@bufbuild/protobuf';
import { StreamFinishSchema, StreamStartSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { ChatEvent, ChatStreamDecoder, Frame, StreamStep } from '../dialect.ts';
import { objectOf, parseAnswer, stringOf } from '../read-answer.ts';
import { encodeExtras, stopSequenceOf, tierOf } from './answer-extras.ts';
import { exceptionError } from './error.ts';
import { addToBlock, type BlocksState, createBlocksState, startBlock, stopBlock, stopBlocks } from './stream-blocks.ts';
import { decodeUsage, mergeLatest } from './usage.ts';
import { DIALECT, EVENT_TYPE_HEADER, failureOfSilence, finishReasonOf } from './wire.ts';

/** All that is known of a streamed answer so far. */
export interface ConverseStreamState {
  started: boolean;
  /** Whether messageStop came. */
  stopped: boolean;
  readonly blocks: BlocksState;
  /** The latest of each count, as the wire has them. */
  usage: JsonObject;
  /** Members of messageStop and metadata: stopReason, metrics, trace and so on. */
  answer: JsonObject;
}

/**
 * Decodes events of https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html, one
 * answer per decoder. The terminal marker is messageStop; metadata, which holds usage, comes after it.
 */
export function createStreamDecoder(): ChatStreamDecoder {
  const state: ConverseStreamState = {
    started: false,
    stopped: false,
    blocks: createBlocksState(),
    usage: {},
    answer: {},
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

function push(state: ConverseStreamState, { event, data }: Frame): StreamStep {
  // After the marker the answer is whole: anything but usage, broken or not, no longer matters.
  if (state.stopped && event !== 'metadata') return { events: [] };
  const json = parseAnswer(data);
  if (event === 'error' || event.endsWith('Exception')) throw exceptionError(json, event === 'error' ? '' : event);
  if (event === 'messageStart' && state.started) return { events: [] };
  const wire = { dialect: DIALECT, json, text: data, headers: { [EVENT_TYPE_HEADER]: event } } as const;
  return { events: eventsOf(state, event, json), wire };
}

function eventsOf(state: ConverseStreamState, event: string, json: JsonObject): readonly ChatEvent[] {
  switch (event) {
    case 'messageStart':
      return start(state);
    case 'contentBlockStart':
      return [...start(state), ...startBlock(state.blocks, indexOf(json), objectOf(json['start']) ?? {})];
    case 'contentBlockDelta':
      return [...start(state), ...addToBlock(state.blocks, indexOf(json), deltaOf(json))];
    case 'contentBlockStop':
      return stopBlock(state.blocks, indexOf(json));
    case 'messageStop':
      state.stopped = true;
      state.answer = mergeLatest(state.answer, json);
      return [];
    case 'metadata':
      state.usage = mergeLatest(state.usage, json['usage']);
      state.answer = mergeLatest(state.answer, json);
      return [];
    default:
      return [];
  }
}

/** Does nothing where the answer has begun. It has neither an id nor the model's name. */
function start(state: ConverseStreamState): ChatEvent[] {
  if (state.started) return [];
  state.started = true;
  return [{ case: 'start', value: create(StreamStartSchema) }];
}

function indexOf(json: JsonObject): number {
  const { contentBlockIndex } = json;
  if (typeof contentBlockIndex === 'number') return contentBlockIndex;
  throw new AttemptError('MALFORMED', 'The provider sent a piece of a content block without its index.');
}

function deltaOf(json: JsonObject): JsonObject {
  const delta = objectOf(json['delta']);
  if (delta !== undefined) return delta;
  throw new AttemptError('MALFORMED', 'The provider sent a contentBlockDelta without a delta.');
}

/** A stream is whole when messageStop came and a reason for the end with it. Nothing of that is ever made up. */
function end(state: ConverseStreamState): StreamStep {
  if (!state.stopped) throw new AttemptError('INTERRUPTED', 'The stream ended without messageStop.');
  const word = stringOf(state.answer['stopReason']);
  if (word === '') throw new AttemptError('INTERRUPTED', 'The stream ended without a stop reason.');
  const usage = decodeUsage(state.usage);
  const failure = state.blocks.nextPart === 0 ? failureOfSilence(word, usage) : undefined;
  if (failure !== undefined) throw failure;
  const { calls, jsonCalls } = state.blocks;
  const value = create(StreamFinishSchema, {
    choices: [
      {
        reason: finishReasonOf(word, calls === 0 && jsonCalls > 0),
        rawReason: word,
        stopSequence: stopSequenceOf(state.answer),
      },
    ],
    serviceTier: tierOf(state.answer),
    providerExtrasJson: encodeExtras(state.answer),
    ...(usage && { usage }),
  });
  return { events: [...start(state), ...stopBlocks(state.blocks), { case: 'finish', value }] };
}
