import type { ChatResponse } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { ImagePart, Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { formatDataUrl } from '../data-url.ts';
import type { WireBody } from '../dialect.ts';
import { objectOf } from '../read-answer.ts';
import { encodeCitation } from './citations.ts';
import { encodeLogprobs } from './logprobs.ts';
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
  const { id, usage } = response;
  const [choice] = response.choices;
  const ending = choice && {
    reason: choice.finishReason,
    rawReason: choice.rawFinishReason,
    stopSequence: choice.stopSequence,
  };
  return JSON.stringify({
    id,
    message: encodeMessage(choice?.parts ?? []),
    finish_reason: ending ? finishWord(ending).word : null,
    usage: encodeUsage(usage),
    logprobs: encodeLogprobs(choice?.logprobs),
  });
}

function encodeMessage(parts: readonly Part[]): JsonObject {
  const content = parts.flatMap(contentEntry);
  const calls = parts.flatMap(callEntry);
  const texts = parts.flatMap(({ kind }) => (kind.case === 'text' ? [kind.value] : []));
  const citations = texts.flatMap(({ annotations, text }) =>
    annotations.map((annotation) => encodeCitation(annotation, text)).filter((citation) => citation !== undefined),
  );
  return {
    role: 'assistant',
    ...(content.length > 0 && { content }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(citations.length > 0 && { citations }),
  };
}

/** The entry of content for a part of an answer; none for what the format cannot show. */
export function contentEntry({ kind }: Part): JsonObject[] {
  switch (kind.case) {
    case 'text':
    case 'refusal':
      return [{ type: 'text', text: kind.value.text }];
    case 'reasoning':
      return kind.value.text === '' ? [] : [{ type: 'thinking', thinking: kind.value.text }];
    case 'image': {
      const url = pictureUrl(kind.value);
      return url === undefined ? [] : [{ type: 'image_url', image_url: { url } }];
    }
    case 'audio':
      return kind.value.transcript === '' ? [] : [{ type: 'text', text: kind.value.transcript }];
    case 'raw':
      return kind.value.dialect === DIALECT ? [objectOf(JSON.parse(kind.value.json)) ?? {}] : [];
    default:
      return [];
  }
}

/** The address of a picture, its bytes as a data: URL; undefined for a file of another provider. */
function pictureUrl({ source }: ImagePart): string | undefined {
  const location = source?.location;
  if (location?.case === 'url') return location.value;
  return location?.case === 'data'
    ? formatDataUrl({ mediaType: source?.mediaType ?? '', data: location.value })
    : undefined;
}

/** Tools that the provider ran are not the caller's to run: as calls of this format they would be. */
function callEntry({ kind }: Part): JsonObject[] {
  if (kind.case !== 'toolCall' || kind.value.providerExecuted) return [];
  const { id, name, input } = kind.value;
  return [{ id, type: 'function', function: { name, arguments: input.value ?? '' } }];
}
