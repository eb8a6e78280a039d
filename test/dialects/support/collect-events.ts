import { clone, create } from '@bufbuild/protobuf';
import { type ChatResponse, ChatResponseSchema, type PartDelta } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { ChatEvent } from '../../../server/dialects/dialect.ts';
import { assertOrder } from './plain-reading.ts';

/** The whole answer that a stream's events add up to. */
export function collectEvents(events: readonly ChatEvent[]): ChatResponse {
  assertOrder(events);
  const response = create(ChatResponseSchema);
  const parts = new Map<number, Part[]>();
  for (const event of events) {
    if (event.case === 'start') {
      const { id, model, createTime, systemFingerprint } = event.value;
      Object.assign(response, { id, model, createTime, systemFingerprint });
    } else if (event.case === 'partStart') {
      const { choice, part = create(PartSchema) } = event.value;
      parts.set(choice, [...(parts.get(choice) ?? []), clone(PartSchema, part)]);
    } else if (event.case === 'partDelta') {
      const part = parts.get(event.value.choice)?.[event.value.index];
      if (part === undefined) throw new Error('a delta of no part');
      add(part, event.value.delta);
    } else if (event.case === 'finish') {
      const { choices, usage, serviceTier, providerExtrasJson } = event.value;
      Object.assign(response, { usage, serviceTier, providerExtrasJson });
      response.choices = create(ChatResponseSchema, {
        choices: choices.map(({ choice, reason, rawReason, stopSequence }) => ({
          index: choice,
          parts: parts.get(choice) ?? [],
          finishReason: reason,
          rawFinishReason: rawReason,
          stopSequence,
        })),
      }).choices;
    }
  }
  return response;
}

function add(part: Part, delta: PartDelta['delta']): void {
  const { kind } = part;
  if (delta.case === 'signature') part.signature = delta.value;
  else if (delta.case === 'annotation' && kind.case === 'text') kind.value.annotations.push(delta.value);
  else if (delta.case === 'transcript' && kind.case === 'audio') kind.value.transcript += delta.value;
  else if (delta.case === 'data' && kind.case === 'audio') addSound(kind.value, delta.value);
  else if (delta.case === 'text' && (kind.case === 'text' || kind.case === 'reasoning' || kind.case === 'refusal')) {
    kind.value.text += delta.value;
  } else if ((delta.case === 'text' || delta.case === 'argumentsJson') && kind.case === 'toolCall') {
    kind.value.input = { case: delta.case, value: (kind.value.input.value ?? '') + delta.value };
  } else throw new Error(`a delta ${delta.case} of a part ${kind.case}`);
}

function addSound(audio: Extract<Part['kind'], { case: 'audio' }>['value'], data: Uint8Array): void {
  const before = audio.source?.location.case === 'data' ? audio.source.location.value : new Uint8Array();
  const { kind } = create(PartSchema, {
    kind: {
      case: 'audio',
      value: { source: { location: { case: 'data', value: new Uint8Array([...before, ...data]) } } },
    },
  });
  if (kind.case === 'audio' && kind.value.source) audio.source = kind.value.source;
}
