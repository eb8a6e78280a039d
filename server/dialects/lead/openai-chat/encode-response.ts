import type { Annotation, Part } from '../../../../gen/sluice/v1/content_pb.ts';
import type { ChatResponse, Choice } from '../../../../gen/sluice/v1/chat_service_pb.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { WireBody } from '../../dialect.ts';
import { createdOf } from './created.ts';
import { encodeLogprobs } from './logprobs.ts';
import { toBase64 } from './media.ts';
import { encodeUsage } from './usage.ts';
import { finishWord } from './words.ts';

/** The provider's own text within this format; otherwise an answer built anew. */
export function encodeResponse(answer: { readonly response: ChatResponse; readonly wire?: WireBody }): string {
  const { response, wire } = answer;
  if (wire?.dialect === 'openai-chat') return wire.text ?? JSON.stringify(wire.json);
  return JSON.stringify({
    id: response.id,
    object: 'chat.completion',
    created: createdOf(response.createTime),
    model: response.model,
    choices: response.choices.map(encodeChoice),
    ...(response.usage === undefined ? {} : { usage: encodeUsage(response.usage) }),
    ...(response.serviceTier === '' ? {} : { service_tier: response.serviceTier }),
    ...(response.systemFingerprint === '' ? {} : { system_fingerprint: response.systemFingerprint }),
  });
}

function encodeChoice(choice: Choice): JsonObject {
  return {
    index: choice.index,
    message: assistantMessage(choice.parts),
    logprobs: encodeLogprobs(choice.logprobs),
    finish_reason: finishWord(choice.finishReason),
  };
}

/** Parts as one message: texts joined, the rest in the members that this format has for them. */
function assistantMessage(parts: readonly Part[]): JsonObject {
  let content: string | null = null;
  let thoughts = '';
  let refusal: string | null = null;
  let audio: JsonObject | undefined;
  const annotations: JsonObject[] = [];
  const toolCalls: JsonObject[] = [];
  for (const { kind } of parts) {
    switch (kind.case) {
      case 'text':
        content = (content ?? '') + kind.value.text;
        annotations.push(...kind.value.annotations.flatMap(encodeAnnotation));
        break;
      case 'reasoning':
        thoughts += kind.value.text;
        break;
      case 'refusal':
        refusal = (refusal ?? '') + kind.value.text;
        break;
      case 'toolCall':
        if (!kind.value.providerExecuted) toolCalls.push(encodeToolCall(kind.value));
        break;
      case 'audio':
        audio = encodeAudio(kind.value);
        break;
      default:
        // Other kinds have no place in an answer of this format.
        break;
    }
  }
  return {
    role: 'assistant',
    content,
    refusal,
    ...(thoughts === '' ? {} : { reasoning_content: thoughts }),
    ...(annotations.length === 0 ? {} : { annotations }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
    ...(audio === undefined ? {} : { audio }),
  };
}

type KindOf<C extends Part['kind']['case']> = Extract<Part['kind'], { case: C }>['value'];

function encodeToolCall(call: KindOf<'toolCall'>): JsonObject {
  return call.input.case === 'text'
    ? { id: call.id, type: 'custom', custom: { name: call.name, input: call.input.value } }
    : { id: call.id, type: 'function', function: { name: call.name, arguments: call.input.value ?? '' } };
}

function encodeAudio(audio: KindOf<'audio'>): JsonObject {
  const bytes = audio.source?.location.case === 'data' ? audio.source.location.value : new Uint8Array();
  return {
    id: audio.id,
    data: toBase64(bytes),
    transcript: audio.transcript,
    expires_at: Number(audio.expireTimeSeconds ?? 0n),
  };
}

/** Citations of pages; other citations have no place in this format. */
export function encodeAnnotation(annotation: Annotation): JsonObject[] {
  if (annotation.kind.case !== 'urlCitation') return [];
  const { url, title } = annotation.kind.value;
  const { startIndex = 0, endIndex = 0 } = annotation;
  return [{ type: 'url_citation', url_citation: { url, title, start_index: startIndex, end_index: endIndex } }];
}
