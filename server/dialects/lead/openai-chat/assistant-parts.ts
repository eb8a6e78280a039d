import { create } from '@bufbuild/protobuf';
import { type Annotation, AnnotationSchema, type Part, PartSchema } from '../../../../gen/sluice/v1/content_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import { sourceFromBase64 } from './media.ts';
import { rawPart, reasoningPart, refusalPart, textPart } from './parts.ts';

/** A piece of what an assistant says, as content has it: a text, or Mistral's array of text and thinking. */
export interface SpokenPiece {
  readonly kind: 'text' | 'reasoning';
  readonly text: string;
}

/** Texts and thoughts of a message or delta, in order. Empty ones are left out. */
export function spokenPieces(message: JsonObject, reasoningField: string | undefined): SpokenPiece[] {
  const thoughts = thoughtsOf(message, reasoningField);
  const pieces = [{ kind: 'reasoning' as const, text: thoughts }, ...contentPieces(message.content)];
  return pieces.filter((piece) => piece.text !== '');
}

/** Providers disagree on the name: DeepSeek, xAI, Moonshot: reasoning_content; Groq, OpenRouter, Cerebras: reasoning. */
function thoughtsOf(message: JsonObject, field: string | undefined): string {
  const names = field === undefined ? ['reasoning_content', 'reasoning'] : [field];
  for (const name of names) {
    const value = message[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return '';
}

function contentPieces(content: JsonValue | undefined): SpokenPiece[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.filter(isJsonObject).flatMap((part): SpokenPiece[] => {
    if (part.type === 'thinking') return [{ kind: 'reasoning', text: thinkingText(part.thinking) }];
    return typeof part.text === 'string' ? [{ kind: 'text', text: part.text }] : [];
  });
}

/** Mistral: {"type": "thinking", "thinking": [{"type": "text", "text": …}]}. */
function thinkingText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value
    .filter(isJsonObject)
    .map((part) => (typeof part.text === 'string' ? part.text : ''))
    .join('');
}

/** choices[i].message as canonical parts: thoughts, text, refusal, sound, calls. */
export function assistantParts(message: JsonObject, reasoningField: string | undefined): Part[] {
  const parts: Part[] = spokenPieces(message, reasoningField).map((piece) =>
    piece.kind === 'text' ? textPart(piece.text) : reasoningPart(piece.text),
  );
  annotateLastText(parts, decodeAnnotations(message.annotations));
  if (typeof message.refusal === 'string' && message.refusal !== '') parts.push(refusalPart(message.refusal));
  if (isJsonObject(message.audio)) parts.push(audioPart(message.audio));
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls.filter(isJsonObject) : [];
  for (const [index, call] of calls.entries()) parts.push(toolCallPart(call, index));
  if (isJsonObject(message.function_call)) parts.push(toolCallPart({ function: message.function_call }, 0));
  return parts;
}

function annotateLastText(parts: readonly Part[], annotations: Annotation[]): void {
  const last = parts.findLast((part) => part.kind.case === 'text');
  if (last?.kind.case === 'text') last.kind.value.annotations.push(...annotations);
}

export function decodeAnnotations(value: JsonValue | undefined): Annotation[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((annotation) => {
    const citation = annotation.url_citation;
    if (annotation.type !== 'url_citation' || !isJsonObject(citation)) {
      const raw = { dialect: 'openai-chat', json: JSON.stringify(annotation) };
      return create(AnnotationSchema, { kind: { case: 'raw', value: raw } });
    }
    return create(AnnotationSchema, {
      kind: { case: 'urlCitation', value: { url: textOf(citation.url), title: textOf(citation.title) } },
      ...(typeof citation.start_index === 'number' ? { startIndex: citation.start_index } : {}),
      ...(typeof citation.end_index === 'number' ? { endIndex: citation.end_index } : {}),
    });
  });
}

function audioPart(audio: JsonObject): Part {
  const data = textOf(audio.data);
  return create(PartSchema, {
    kind: {
      case: 'audio',
      value: {
        id: textOf(audio.id),
        transcript: textOf(audio.transcript),
        ...(data === '' ? {} : { source: sourceFromBase64(data, '') }),
        ...(typeof audio.expires_at === 'number' ? { expireTimeSeconds: BigInt(Math.trunc(audio.expires_at)) } : {}),
      },
    },
  });
}

/** A call as tool_calls[index] has it. A missing id is derived from the position. */
function toolCallPart(call: JsonObject, index: number): Part {
  const id = textOf(call.id) || derivedCallId(0, index);
  if (isJsonObject(call.custom)) {
    const input = { case: 'text' as const, value: textOf(call.custom.input) };
    return create(PartSchema, { kind: { case: 'toolCall', value: { id, name: textOf(call.custom.name), input } } });
  }
  if (!isJsonObject(call.function)) return rawPart(call);
  const input = { case: 'argumentsJson' as const, value: argumentsText(call.function.arguments) };
  return create(PartSchema, { kind: { case: 'toolCall', value: { id, name: textOf(call.function.name), input } } });
}

/** Some servers (Ollama's older ones) send arguments as an object instead of its text. */
export function argumentsText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  return isJsonObject(value) ? JSON.stringify(value) : '';
}

/** The id of a call to which the provider gave none. */
export function derivedCallId(choice: number, index: number): string {
  return `call_${choice}_${index}`;
}

export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
