import { create } from '@bufbuild/protobuf';
import { StreamFinishSchema, StreamStartSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Usage } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { ChatEvent, ChatStreamDecoder, Frame, StreamStep } from '../dialect.ts';
import { isComplaint } from '../provider-complaint.ts';
import { countOf, objectOf, parseAnswer, stringOf } from '../read-answer.ts';
import { annotationsOfSources } from './annotations.ts';
import { encodeExtras, extraMembers, sourcesOf } from './answer-extras.ts';
import { annotate, type ChoiceSink, type ChoiceState, createChoiceState, endParts } from './choice-parts.ts';
import { addDelta } from './decode-delta.ts';
import { timeOf } from './decode-response.ts';
import { inBandError } from './error.ts';
import { usageOf } from './usage.ts';
import { DIALECT, DONE, failureOfFinish, finishReasonOf } from './wire.ts';

/** All that is known of a streamed answer so far. */
export interface ChatStreamState {
  started: boolean;
  /** Whether [DONE] came. */
  done: boolean;
  /** The last one given: counts in a stream are cumulative. */
  usage: Usage | undefined;
  serviceTier: string;
  /** What chunks say beyond the contract: of each member the last. */
  readonly extras: Map<string, JsonValue>;
  /** By index, in the order of their appearance. */
  readonly choices: Map<number, ChoiceState>;
}

/** Decodes chunks of https://platform.openai.com/docs/api-reference/chat/streaming, one answer per decoder. */
export function createStreamDecoder(quirks: WireQuirks): ChatStreamDecoder {
  const state: ChatStreamState = {
    started: false,
    done: false,
    usage: undefined,
    serviceTier: '',
    extras: new Map(),
    choices: new Map(),
  };
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

function push(state: ChatStreamState, frame: Frame, quirks: WireQuirks): StreamStep {
  if (frame.data.trim() === DONE) {
    state.done = true;
    return { events: [] };
  }
  if (state.done) return afterDone(state, frame, quirks);
  const json = parseAnswer(frame.data);
  if (frame.event === 'error' || isComplaint(json)) throw inBandError(json);
  state.usage = usageOf(json, quirks) ?? state.usage;
  state.serviceTier = stringOf(json['service_tier']) || state.serviceTier;
  for (const [name, value] of extraMembers(json)) state.extras.set(name, value);
  const events: ChatEvent[] = [];
  const choices = choicesOf(json);
  if (choices.length > 0) start(state, json, events);
  for (const [position, choice] of choices.entries()) addChoice(state, { choice, position, quirks, events });
  return { events, wire: { dialect: DIALECT, json, text: frame.data } };
}

/** The answer is whole; some servers still send usage. Anything else, broken or not, no longer matters. */
function afterDone(state: ChatStreamState, frame: Frame, quirks: WireQuirks): StreamStep {
  try {
    const json = parseAnswer(frame.data);
    const usage = usageOf(json, quirks);
    if (usage === undefined || choicesOf(json).length > 0) return { events: [] };
    state.usage = usage;
    return { events: [], wire: { dialect: DIALECT, json, text: frame.data } };
  } catch {
    return { events: [] };
  }
}

/** Chunks without choices hold usage, or what only the provider knows (Azure: filter results of the prompt). */
function choicesOf(json: JsonObject): readonly JsonValue[] {
  const choices = json['choices'] ?? [];
  if (Array.isArray(choices)) return choices;
  throw new AttemptError('MALFORMED', 'The provider sent a chunk whose choices are no array.');
}

function start(state: ChatStreamState, json: JsonObject, events: ChatEvent[]): void {
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
  readonly quirks: WireQuirks;
  readonly events: ChatEvent[];
}

function addChoice(state: ChatStreamState, { choice, position, quirks, events }: ChunkChoice): void {
  const json = objectOf(choice);
  if (json === undefined) throw new AttemptError('MALFORMED', 'The provider sent a choice that is no object.');
  const index = countOf(json['index']) ?? position;
  const known = state.choices.get(index) ?? createChoiceState(index);
  state.choices.set(index, known);
  // Servers that do not really stream send the whole message in one chunk.
  const delta = objectOf(json['delta']) ?? objectOf(json['message']) ?? {};
  const sink = { state: known, events };
  addDelta(sink, { delta, logprobs: json['logprobs'], quirks });
  known.finishReason = stringOf(json['finish_reason']) || known.finishReason;
  const failure = failureOfFinish(known.finishReason, state.usage);
  if (failure !== undefined) throw failure;
  if (known.finishReason !== '') cite(sink, Object.fromEntries(state.extras));
}

/** Pages that chunks name beside the text are the citations of a text that has none itself. */
function cite(sink: ChoiceSink, extras: JsonObject): void {
  if (sink.state.cited || sink.state.run?.kind !== 'text') return;
  annotate(sink, annotationsOfSources(sourcesOf(extras)));
}

function isTerminated(state: ChatStreamState, quirks: WireQuirks): boolean {
  return state.done || (quirks.endsWithoutDone === true && state.choices.size > 0 && allFinished(state));
}

function allFinished({ choices }: ChatStreamState): boolean {
  return [...choices.values()].every(({ finishReason }) => finishReason !== '');
}

/** A stream is whole when its marker came and every choice said why it ended. Nothing of that is ever made up. */
function end(state: ChatStreamState, quirks: WireQuirks): StreamStep {
  if (!isTerminated(state, quirks)) {
    throw new AttemptError('INTERRUPTED', 'The stream ended without its terminal marker.');
  }
  if (state.choices.size === 0) throw new AttemptError('EMPTY_RESPONSE', 'The provider streamed no choice.');
  if (!allFinished(state)) throw new AttemptError('INTERRUPTED', 'The stream ended without a finish reason.');
  const events: ChatEvent[] = [];
  const choices = [...state.choices.values()].sort((left, right) => left.choice - right.choice);
  for (const choice of choices) endParts({ state: choice, events });
  const value = create(StreamFinishSchema, {
    choices: choices.map(({ choice, finishReason }) => ({
      choice,
      reason: finishReasonOf(finishReason),
      rawReason: finishReason,
    })),
    serviceTier: state.serviceTier,
    providerExtrasJson: encodeExtras(state.extras),
    ...(state.usage && { usage: state.usage }),
  });
  events.push({ case: 'finish', value });
  return { events };
}
