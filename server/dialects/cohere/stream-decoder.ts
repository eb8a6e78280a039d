import { create } from '@bufbuild/protobuf';
import { StreamFinishSchema, StreamStartSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { ChatEvent, ChatStreamDecoder, Frame, StreamStep } from '../dialect.ts';
import { countOf, objectOf, objectsOf, parseAnswer, stringOf } from '../read-answer.ts';
import { encodeExtras } from './answer-extras.ts';
import { failureOfFinish, inBandError } from './error.ts';
import { decodeLogprobs } from './logprobs.ts';
import {
  addArguments,
  addCitation,
  addContent,
  addPlan,
  createPartsState,
  endCall,
  endParts,
  type PartsState,
  startCall,
  startContent,
} from './stream-parts.ts';
import { decodeUsage } from './usage.ts';
import { DIALECT, finishReasonOf } from './wire.ts';

/** All that is known of a streamed answer so far. */
export interface ChatStreamState {
  started: boolean;
  /** Whether message-end came. */
  ended: boolean;
  readonly parts: PartsState;
  /** Members of message-end: finish_reason, usage and so on. */
  answer: JsonObject;
}

/** Decodes events of https://docs.cohere.com/docs/streaming, one answer per decoder. The terminal marker is message-end. */
export function createStreamDecoder(): ChatStreamDecoder {
  const state: ChatStreamState = { started: false, ended: false, parts: createPartsState(), answer: {} };
  return {
    push: (frame) => push(state, frame),
    end: () => end(state),
    get terminated() {
      return state.ended;
    },
    get usage() {
      return decodeUsage(state.answer['usage']);
    },
  };
}

/** After message-end the answer is whole: whatever follows is not part of it. */
function push(state: ChatStreamState, { data }: Frame): StreamStep {
  if (state.ended) return { events: [] };
  const json = parseAnswer(data);
  const type = stringOf(json['type']);
  if (type === '' && typeof json['message'] === 'string') throw inBandError(json);
  if (type === 'message-start' && state.started) return { events: [] };
  return { events: eventsOf(state, type, json), wire: { dialect: DIALECT, json, text: data } };
}

function eventsOf(state: ChatStreamState, type: string, json: JsonObject): readonly ChatEvent[] {
  const delta = objectOf(json['delta']) ?? {};
  const message = objectOf(delta['message']) ?? {};
  const index = countOf(json['index']) ?? 0;
  const { parts } = state;
  switch (type) {
    case 'message-start':
      return start(state, stringOf(json['id']));
    case 'content-start':
      return [...start(state), ...startContent(parts, index, oneOf(message, 'content'))];
    case 'content-delta': {
      const added = { content: oneOf(message, 'content'), logprobs: decodeLogprobs(json['logprobs']) };
      return [...start(state), ...addContent(parts, index, added)];
    }
    case 'tool-plan-delta':
      return [...start(state), ...addPlan(parts, stringOf(message['tool_plan']))];
    case 'tool-call-start':
      return [...start(state), ...startCall(parts, index, oneOf(message, 'tool_calls'))];
    case 'tool-call-delta':
      return addArguments(parts, index, oneOf(message, 'tool_calls'));
    case 'tool-call-end':
      return endCall(parts, index);
    case 'citation-start':
      return addCitation(parts, oneOf(message, 'citations'));
    case 'message-end':
      return finish(state, delta);
    default:
      return [];
  }
}

/** A member that is an object here and a list in whole answers; some servers send the list here too. */
function oneOf(message: JsonObject, name: string): JsonObject {
  return objectOf(message[name]) ?? objectsOf(message[name])[0] ?? {};
}

/** Does nothing where the answer has begun. */
function start(state: ChatStreamState, id = ''): ChatEvent[] {
  if (state.started) return [];
  state.started = true;
  return [{ case: 'start', value: create(StreamStartSchema, { id }) }];
}

function finish(state: ChatStreamState, delta: JsonObject): ChatEvent[] {
  state.answer = delta;
  const failure = failureOfFinish(stringOf(delta['finish_reason']), stringOf(delta['error']));
  if (failure !== undefined) throw failure;
  state.ended = true;
  return [];
}

/** A stream is whole when message-end came and a reason for the end with it. Nothing of that is ever made up. */
function end(state: ChatStreamState): StreamStep {
  if (!state.ended) throw new AttemptError('INTERRUPTED', 'The stream ended without message-end.');
  const word = stringOf(state.answer['finish_reason']);
  if (word === '') throw new AttemptError('INTERRUPTED', 'The stream ended without a finish reason.');
  const usage = decodeUsage(state.answer['usage']);
  const value = create(StreamFinishSchema, {
    choices: [{ reason: finishReasonOf(word), rawReason: word }],
    providerExtrasJson: encodeExtras(state.answer, state.parts.strayCitations),
    ...(usage && { usage }),
  });
  return { events: [...start(state), ...endParts(state.parts), { case: 'finish', value }] };
}
