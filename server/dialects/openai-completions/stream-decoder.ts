import { create } from '@bufbuild/protobuf';
import {
  PartEndSchema,
  PartStartSchema,
  StreamFinishSchema,
  StreamStartSchema,
} from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Usage } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { ChatEvent, ChatStreamDecoder, Frame, StreamStep } from '../dialect.ts';
import { partDeltaEvent } from '../part-delta-event.ts';
import { isComplaint } from '../provider-complaint.ts';
import { countOf, objectOf, parseAnswer, stringOf } from '../read-answer.ts';
import { timeOf } from './decode-response.ts';
import { inBandError } from './error.ts';
import { decodeLogprobs } from './logprobs.ts';
import { usageOf } from './usage.ts';
import { DIALECT, DONE, finishReasonOf } from './wire.ts';

/** One answer of a streamed completion: a single text. */
interface CompletionState {
  started: boolean;
  /** The provider's word for why it ended; empty until it came. */
  finishReason: string;
}

/** All that is known of a streamed answer so far. */
export interface CompletionsStreamState {
  started: boolean;
  /** Whether [DONE] came. */
  done: boolean;
  /** The last one given: counts in a stream are cumulative. */
  usage: Usage | undefined;
  /** By index. */
  readonly choices: Map<number, CompletionState>;
}

/** Decodes the chunks of a streamed completion, one answer per decoder. */
export function createStreamDecoder(quirks: WireQuirks): ChatStreamDecoder {
  const state: CompletionsStreamState = { started: false, done: false, usage: undefined, choices: new Map() };
  return {
    push: (frame) => push(state, frame, quirks),
    end: () => end(state, quirks),
    get terminated() {
      return isTerminated(state, quirks);
    },
    get usage() {
      return state.usage;
    },
  };
}

function push(state: CompletionsStreamState, frame: Frame, quirks: WireQuirks): StreamStep {
  // The answer is whole: whatever follows is no part of it.
  if (state.done) return { events: [] };
  if (frame.data.trim() === DONE) {
    state.done = true;
    return { events: [] };
  }
  const json = parseAnswer(frame.data);
  if (isComplaint(json)) throw inBandError(json);
  const choices = json['choices'] ?? [];
  if (!Array.isArray(choices))
    throw new AttemptError('MALFORMED', 'The provider sent a chunk whose choices are no array.');
  state.usage = usageOf(json, quirks) ?? state.usage;
  const events: ChatEvent[] = [];
  start(state, json, events);
  for (const [position, choice] of choices.entries()) addChoice(state, { choice, position, events });
  return { events, wire: { dialect: DIALECT, json, text: frame.data } };
}

function start(state: CompletionsStreamState, json: JsonObject, events: ChatEvent[]): void {
  if (state.started) return;
  state.started = true;
  const createTime = timeOf(json['created']);
  const value = create(StreamStartSchema, {
    id: stringOf(json['id']),
    model: stringOf(json['model']),
    systemFingerprint: stringOf(json['system_fingerprint']),
    ...(createTime && { createTime }),
  });
  events.push({ case: 'start', value });
}

interface ChunkChoice {
  readonly choice: JsonValue;
  readonly position: number;
  readonly events: ChatEvent[];
}

function addChoice(state: CompletionsStreamState, { choice: value, position, events }: ChunkChoice): void {
  const json = objectOf(value);
  if (json === undefined) throw new AttemptError('MALFORMED', 'The provider sent a choice that is no object.');
  const choice = countOf(json['index']) ?? position;
  const known = state.choices.get(choice) ?? { started: false, finishReason: '' };
  state.choices.set(choice, known);
  const text = stringOf(json['text']);
  const logprobs = decodeLogprobs(json['logprobs']);
  if (text !== '' || logprobs !== undefined) {
    const part = { kind: { case: 'text' as const, value: {} } };
    if (!known.started) events.push({ case: 'partStart', value: create(PartStartSchema, { choice, index: 0, part }) });
    known.started = true;
    const delta = { case: 'text' as const, value: text };
    events.push(partDeltaEvent(choice, 0, delta, logprobs));
  }
  known.finishReason = stringOf(json['finish_reason']) || known.finishReason;
}

function isTerminated(state: CompletionsStreamState, quirks: WireQuirks): boolean {
  return state.done || (quirks.endsWithoutDone === true && state.choices.size > 0 && allFinished(state));
}

function allFinished({ choices }: CompletionsStreamState): boolean {
  return [...choices.values()].every(({ finishReason }) => finishReason !== '');
}

/** A stream is whole when its marker came and every choice said why it ended. Nothing of that is ever made up. */
function end(state: CompletionsStreamState, quirks: WireQuirks): StreamStep {
  if (!isTerminated(state, quirks)) {
    throw new AttemptError('INTERRUPTED', 'The stream ended without its terminal marker.');
  }
  if (state.choices.size === 0) throw new AttemptError('EMPTY_RESPONSE', 'The provider streamed no choice.');
  if (!allFinished(state)) throw new AttemptError('INTERRUPTED', 'The stream ended without a finish reason.');
  const choices = [...state.choices].sort(([left], [right]) => left - right);
  const ends = choices.flatMap(([choice, { started }]): ChatEvent[] =>
    started ? [{ case: 'partEnd', value: create(PartEndSchema, { choice, index: 0 }) }] : [],
  );
  const value = create(StreamFinishSchema, {
    choices: choices.map(([choice, { finishReason }]) => ({
      choice,
      reason: finishReasonOf(finishReason),
      rawReason: finishReason,
    })),
    ...(state.usage && { usage: state.usage }),
  });
  return { events: [...ends, { case: 'finish', value }] };
}
