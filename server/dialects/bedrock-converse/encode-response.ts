import type { ChatResponse } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { ImagePart, Part, TextPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireBody } from '../dialect.ts';
import { parsedObject } from '../json-text.ts';
import { objectOf } from '../read-answer.ts';
import { encodeCitation } from './citations.ts';
import { isOwn } from './encode-spot.ts';
import { IMAGE_FORMATS } from './media-formats.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, finishWord } from './wire.ts';

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
  const ending = choice && {
    reason: choice.finishReason,
    rawReason: choice.rawFinishReason,
    stopSequence: choice.stopSequence,
  };
  return JSON.stringify({
    output: { message: { role: 'assistant', content: (choice?.parts ?? []).flatMap(encodeBlock) } },
    stopReason: (ending && finishWord(ending).word) ?? undefined,
    usage: encodeUsage(response.usage),
    metrics: { latencyMs: 0 },
    serviceTier: response.serviceTier === '' ? undefined : { type: response.serviceTier },
  });
}

/** The content block for a part of an answer; none for what the format cannot show. */
export function encodeBlock(part: Part): JsonObject[] {
  const { kind } = part;
  switch (kind.case) {
    case 'text':
      return [encodeText(kind.value)];
    case 'refusal':
      return [{ text: kind.value.text }];
    case 'reasoning': {
      const { text, redactedData } = kind.value;
      const own = isOwn(part);
      if (own && redactedData !== '') return [{ reasoningContent: { redactedContent: redactedData } }];
      if (text === '' && !own) return [];
      const proof = own && part.signature !== '' ? { signature: part.signature } : {};
      return [{ reasoningContent: { reasoningText: { text, ...proof } } }];
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
      if (location?.case === 'data') return [{ image: { format, source: { bytes: location.value.toBase64() } } }];
      // The format has no pictures at an address but in words.
      return location?.case === 'url' ? [{ text: pictureText(location.value) }] : [];
    }
    case 'audio':
      return kind.value.transcript === '' ? [] : [{ text: kind.value.transcript }];
    case 'raw':
      return kind.value.dialect === DIALECT ? [objectOf(JSON.parse(kind.value.json)) ?? {}] : [];
    default:
      return [];
  }
}

/** A picture at an address, in Markdown. */
export const pictureText = (url: string): string => `![](${url})`;

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
  return text.trim() === '' ? {} : (parsedObject(text) ?? { input: text });
}
