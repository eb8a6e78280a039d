import type { ChatResponse } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { ImagePart, Part, TextPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireBody } from '../dialect.ts';
import { objectOf } from '../read-answer.ts';
import { encodeCitation } from './citations.ts';
import { IMAGE_FORMATS } from './media-formats.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, stopReasonOf } from './wire.ts';

/**
 * The answer as JSON text: the provider's own, where it is of this format; else built from the canonical form. The format
 * has one answer: of several, the first is written.
 */
export function encodeResponse({
  response,
  wire,
}: {
  readonly response: ChatResponse;
  readonly wire?: WireBody;
}): string {
  if (wire?.dialect === DIALECT && wire.text !== undefined) return wire.text;
  const [choice] = response.choices;
  const ending = choice && { reason: choice.finishReason, rawReason: choice.rawFinishReason };
  return JSON.stringify({
    output: { message: { role: 'assistant', content: (choice?.parts ?? []).flatMap(encodeBlock) } },
    stopReason: ending ? stopReasonOf(ending) : 'end_turn',
    usage: encodeUsage(response.usage),
    metrics: { latencyMs: 0 },
    serviceTier: response.serviceTier === '' ? undefined : { type: response.serviceTier },
  });
}

/** The content block for a part of an answer; none for what the format cannot show. */
export function encodeBlock({ kind, signature }: Part): JsonObject[] {
  switch (kind.case) {
    case 'text':
      return [encodeText(kind.value)];
    case 'refusal':
      return [{ text: kind.value.text }];
    case 'reasoning': {
      const { text, redactedData } = kind.value;
      if (redactedData !== '') return [{ reasoningContent: { redactedContent: redactedData } }];
      return [{ reasoningContent: { reasoningText: { text, ...(signature !== '' && { signature }) } } }];
    }
    case 'toolCall': {
      const { id, name, input, providerExecuted } = kind.value;
      return [
        { toolUse: { toolUseId: id, name, input: inputObject(input.value ?? ''), ...ranByProvider(providerExecuted) } },
      ];
    }
    case 'image': {
      const location = kind.value.source?.location;
      const format = imageFormatOf(kind.value);
      return location?.case === 'data' ? [{ image: { format, source: { bytes: location.value.toBase64() } } }] : [];
    }
    case 'raw':
      return kind.value.dialect === DIALECT ? [objectOf(JSON.parse(kind.value.json)) ?? {}] : [];
    default:
      return [];
  }
}

/** The mark of a call that is not for the caller to run. */
export function ranByProvider(providerExecuted: boolean): JsonObject {
  return providerExecuted ? { type: 'server_tool_use' } : {};
}

/** The format's word for a picture's type; PNG where the type is not known. */
export function imageFormatOf({ source }: ImagePart): string {
  return IMAGE_FORMATS.get(source?.mediaType ?? '') ?? 'png';
}

function encodeText({ text, annotations }: TextPart): JsonObject {
  const citations = annotations.map(encodeCitation).filter((citation) => citation !== undefined);
  return citations.length === 0 ? { text } : { citationsContent: { content: [{ text }], citations } };
}

/** Inputs are objects there; text that is none becomes the member "input" of one. */
function inputObject(text: string): JsonObject {
  if (text.trim() === '') return {};
  try {
    return objectOf(JSON.parse(text)) ?? { input: text };
  } catch {
    return { input: text };
  }
}
