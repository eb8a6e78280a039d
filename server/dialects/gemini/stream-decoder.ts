import { create } from '@bufbuild/protobuf';
import { StreamFinishSchema, StreamStartSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { ChatEvent, ChatStreamDecoder, Frame, StreamStep } from '../dialect.ts';
import { isComplaint } from '../provider-complaint.ts';
import { countOf, objectOf, objectsOf, parseAnswer, parseExactAnswer, stringOf } from '../read-answer.ts';
import { type AnswerExtras, addExtras, createAnswerExtras, encodeExtras } from './answer-extras.ts';
import {
  addCitations,
  addPart,
  type CandidateState,
  createCandidateState,
  endParts,
  isWordless,
} from './candidate-parts.ts';
import { blockReasonOf, createTimeOf } from './decode-response.ts';
import { inBandError } from './error.ts';
import { decodeLogprobs } from './logprobs.ts';
import { decodeTier, decodeUsage, takeLatest } from './usage.ts';
import { DIALECT, failureOfFinish, finishReasonOf } from './wire.ts';

/** All that is known of a streamed answer so far. */
export interface ChatStreamState {
  started: boolean;
  answerId: string;
  /** Why the prompt was refused; empty where it was not. */
  blocked: string;
  /** usageMetadata, the latest of each member. */
  readonly usage: Map<string, JsonValue>;
  readonly extras: AnswerExtras;
  /** By index, in the order of their appearance. */
  readonly candidates: Map<number, CandidateState>;
}

/**
 * Decodes the chunks of streamGenerateContent, one answer per decoder. There is no marker of its own for the end: a
 * stream is whole when each of its candidates, or the feedback on the prompt, says why it ended.
 */
export function createStreamDecoder(): ChatStreamDecoder {
  const state: ChatStreamState = {
    started: false,
    answerId: '',
    blocked: '',
    usage: new Map(),
    extras: createAnswerExtras(),
    candidates: new Map(),
  };
  return {
    push: (frame) => push(state, frame),
    end: () => end(state),
    get terminated() {
      return isTerminated(state);
    },
    get usage() {
      return decodeUsage(Object.fromEntries(state.usage));
    },
  };
}

/** The name of the member, in both spellings that the API knows. */
const CALL = 'unction';

function push(state: ChatStreamState, frame: Frame): StreamStep {
  // Most chunks are words: only calls hold JSON that is not the format's.
  const json = frame.data.includes(CALL) ? parseExactAnswer(frame.data) : parseAnswer(frame.data);
  if (isComplaint(json)) throw inBandError(json);
  const events: ChatEvent[] = [];
  takeLatest(state.usage, json['usageMetadata']);
  state.blocked = blockReasonOf(json) || state.blocked;
  addExtras(state.extras, json);
  start(state, json, events);
  for (const [position, candidate] of objectsOf(json['candidates']).entries()) {
    addCandidate(state, events, { candidate, index: countOf(candidate['index']) ?? position });
  }
  refuseSilence(state);
  return { events, wire: { dialect: DIALECT, json, text: frame.data } };
}

/** Once all candidates have ended without a word. Throws AttemptError MALFORMED. */
function refuseSilence(state: ChatStreamState): void {
  const candidates = [...state.candidates.values()];
  if (candidates.length === 0 || candidates.some(({ nextPart, finishReason }) => nextPart > 0 || finishReason === ''))
    return;
  const usage = decodeUsage(Object.fromEntries(state.usage));
  const failure = failureOfFinish(
    candidates.map(({ finishReason: word }) => word),
    usage,
  );
  if (failure !== undefined) throw failure;
}

function start(state: ChatStreamState, json: JsonObject, events: ChatEvent[]): void {
  if (state.started) return;
  state.started = true;
  state.answerId = stringOf(json['responseId']);
  const createTime = createTimeOf(json);
  const head = { id: state.answerId, model: stringOf(json['modelVersion']), ...(createTime && { createTime }) };
  events.push({ case: 'start', value: create(StreamStartSchema, head) });
}

function addCandidate(
  state: ChatStreamState,
  events: ChatEvent[],
  { candidate, index }: { readonly candidate: JsonObject; readonly index: number },
): void {
  const known = state.candidates.get(index) ?? createCandidateState(index);
  state.candidates.set(index, known);
  const sink = { state: known, events, answerId: state.answerId };
  const parts = objectsOf(objectOf(candidate['content'])?.['parts']);
  // Metadata is about the words of this chunk too, and a signature after them begins another part.
  const words = parts.findLastIndex((part) => !isWordless(part)) + 1;
  const logprobs = decodeLogprobs(candidate['logprobsResult']);
  const spoken = logprobs && parts.find(({ text, thought }) => typeof text === 'string' && thought !== true);
  for (const part of parts.slice(0, words)) addPart(sink, part, part === spoken ? logprobs : undefined);
  addCitations(sink, candidate);
  for (const part of parts.slice(words)) addPart(sink, part, part === spoken ? logprobs : undefined);
  known.finishReason = stringOf(candidate['finishReason']) || known.finishReason;
}

function isTerminated({ candidates, blocked }: ChatStreamState): boolean {
  return blocked !== '' || (candidates.size > 0 && [...candidates.values()].every((each) => each.finishReason !== ''));
}

/** Nothing of an ending is ever made up. */
function end(state: ChatStreamState): StreamStep {
  if (!isTerminated(state)) throw new AttemptError('INTERRUPTED', 'The stream ended without a finish reason.');
  const events: ChatEvent[] = [];
  const candidates = [...state.candidates.values()].sort((left, right) => left.choice - right.choice);
  if (candidates.length === 0) candidates.push(createCandidateState(0));
  for (const candidate of candidates) endParts({ state: candidate, events, answerId: state.answerId });
  const told = Object.fromEntries(state.usage);
  const usage = decodeUsage(told);
  const value = create(StreamFinishSchema, {
    choices: candidates.map(({ choice, finishReason, calls, inPieces }) => ({
      choice,
      // The refused prompt is the reason where a candidate has none.
      reason: finishReasonOf(finishReason === '' ? 'SAFETY' : finishReason, calls > 0 && !inPieces),
      rawReason: finishReason || state.blocked,
    })),
    serviceTier: decodeTier(told),
    providerExtrasJson: encodeExtras(state.extras),
    ...(usage && { usage }),
  });
  events.push({ case: 'finish', value });
  return { events };
}
