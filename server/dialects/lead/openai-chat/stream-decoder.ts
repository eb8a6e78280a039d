import { create } from '@bufbuild/protobuf';
import {
  type ChoiceFinish,
  ChoiceFinishSchema,
  StreamFinishSchema,
  StreamStartSchema,
} from '../../../../gen/sluice/v1/chat_service_pb.ts';
import type { Usage } from '../../../../gen/sluice/v1/usage_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import type { WireQuirks } from '../../../core/wire-quirks.ts';
import { AttemptError } from '../../../errors/attempt-error.ts';
import type { ChatEvent, ChatStreamDecoder, Frame, StreamStep } from '../../dialect.ts';
import { inBandError } from '../openai-error.ts';
import { parseAnswer } from '../read-answer.ts';
import { textOf } from './assistant-parts.ts';
import { type ChoiceState, createChoiceState, decodeDelta, endParts } from './choice-stream.ts';
import { createTimeOf, indexOf } from './created.ts';
import { decodeUsage, usageAt } from './usage.ts';
import { finishReason } from './words.ts';

/** All that is remembered of one stream. */
interface StreamState {
  started: boolean;
  terminated: boolean;
  usage: Usage | undefined;
  serviceTier: string;
  readonly choices: Map<number, ChoiceState>;
  readonly finishes: Map<number, ChoiceFinish>;
}

/** https://platform.openai.com/docs/api-reference/chat/streaming */
export function createStreamDecoder(quirks: WireQuirks): ChatStreamDecoder {
  const state: StreamState = {
    started: false,
    terminated: false,
    usage: undefined,
    serviceTier: '',
    choices: new Map(),
    finishes: new Map(),
  };
  return {
    get terminated() {
      return state.terminated;
    },
    get usage() {
      return state.usage;
    },
    push: (frame) => push(state, frame, quirks),
    end: () => end(state, quirks),
  };
}

function push(state: StreamState, frame: Frame, quirks: WireQuirks): StreamStep {
  if (frame.data.trim() === '[DONE]') {
    state.terminated = true;
    return { events: [] };
  }
  const chunk = parseAnswer(frame.data);
  if (frame.event === 'error') throw inBandError(chunk);
  if (chunk.error !== undefined && chunk.error !== null) throw inBandError(chunk);
  const events: ChatEvent[] = [];
  if (!state.started) {
    state.started = true;
    events.push(startEvent(chunk));
  }
  state.serviceTier = textOf(chunk.service_tier) || state.serviceTier;
  // Counts are cumulative: a later one replaces an earlier one.
  state.usage = usageOf(chunk, quirks) ?? state.usage;
  if (Array.isArray(chunk.choices)) {
    for (const [position, choice] of chunk.choices.entries()) events.push(...decodeChoice(state, { choice, position }, quirks));
  }
  return { events, wire: { dialect: 'openai-chat', json: chunk, text: frame.data } };
}

/** Beside the choices, in the provider's own place, or (Moonshot) within a choice. */
function usageOf(chunk: JsonObject, quirks: WireQuirks): Usage | undefined {
  const beside = decodeUsage(chunk.usage);
  if (beside !== undefined) return beside;
  if (quirks.usagePath !== undefined) return usageAt(chunk, quirks.usagePath);
  const first: JsonValue | undefined = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
  return isJsonObject(first) ? decodeUsage(first.usage) : undefined;
}

function startEvent(chunk: JsonObject): ChatEvent {
  return {
    case: 'start',
    value: create(StreamStartSchema, {
      id: textOf(chunk.id),
      model: textOf(chunk.model),
      systemFingerprint: textOf(chunk.system_fingerprint),
      ...createTimeOf(chunk.created),
    }),
  };
}

function decodeChoice(
  state: StreamState,
  { choice, position }: { readonly choice: JsonValue; readonly position: number },
  quirks: WireQuirks,
): ChatEvent[] {
  if (!isJsonObject(choice)) throw new AttemptError('MALFORMED', 'A choice of a chunk is not an object.');
  const index = indexOf(choice.index, position);
  let parts = state.choices.get(index);
  if (parts === undefined) {
    parts = createChoiceState(index);
    state.choices.set(index, parts);
  }
  const events = isJsonObject(choice.delta) ? decodeDelta(parts, choice, quirks) : [];
  const raw = textOf(choice.finish_reason);
  if (raw === '' || state.finishes.has(index)) return events;
  state.finishes.set(index, create(ChoiceFinishSchema, { choice: index, reason: finishReason(raw), rawReason: raw }));
  return [...events, ...endParts(parts)];
}

/** The stream is whole only with its marker and a reason for every choice; neither is ever made up. */
function end(state: StreamState, quirks: WireQuirks): StreamStep {
  const { choices, finishes, serviceTier, usage } = state;
  const missing = [...choices.keys()].filter((index) => !finishes.has(index));
  if (!state.terminated && (quirks.endsWithoutDone !== true || choices.size === 0)) {
    throw new AttemptError('INTERRUPTED', 'The stream ended without [DONE].');
  }
  if (choices.size === 0) throw new AttemptError('EMPTY_RESPONSE', 'The stream held no choice.');
  if (missing.length > 0) throw new AttemptError('INTERRUPTED', `Choice ${missing[0]} ended without a finish reason.`);
  const value = create(StreamFinishSchema, {
    choices: [...finishes.values()].sort((left, right) => left.choice - right.choice),
    serviceTier,
    ...(usage === undefined ? {} : { usage }),
  });
  return { events: [{ case: 'finish', value }] };
}
