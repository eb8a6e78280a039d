import type { Message, Part } from '../../gen/sluice/v1/content_pb.ts';
import type { EmbeddingInput } from '../../gen/sluice/v1/embedding_service_pb.ts';
import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';

/** Up to 8 letters, 3 digits or 4 other signs, each with at most one space before it; or a run of spaces. Covers any text. */
const TOKEN = /\s?\p{L}{1,8}|\s?\p{N}{1,3}|\s?[^\s\p{L}\p{N}]{1,4}|\s+/gu;

/** Tokens of a message besides its content: role and separators. */
const PER_MESSAGE = 3;
/** Tokens that open the model's turn. */
const PER_PROMPT = 3;
/** Tokens of a picture, sound or document, whatever its size. */
const PER_MEDIA = 85;

/** The text in the simulator's tokens. Joined, they are the text again; the empty text has none. */
export function tokenize(text: string): readonly string[] {
  return text.match(TOKEN) ?? [];
}

export function countTokens(text: string): number {
  return tokenize(text).length;
}

/** The tokens of a prompt: its messages and tools. */
export function countPromptTokens(generation: Generation): number {
  const messages = generation.messages.reduce((sum, message) => sum + countMessageTokens(message), 0);
  const tools = generation.tools.reduce((sum, tool) => sum + countToolTokens(tool), 0);
  return PER_PROMPT + messages + tools;
}

/** The tokens of texts to embed; tokens given as such count as they are. */
export function countInputTokens(inputs: readonly EmbeddingInput[]): number {
  return inputs.reduce((sum, { content }) => {
    if (content.case === 'tokens') return sum + content.value.ids.length;
    return sum + countTokens(content.value ?? '');
  }, 0);
}

function countMessageTokens(message: Message): number {
  return PER_MESSAGE + countTokens(message.name) + countPartTokens(message.parts);
}

function countPartTokens(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + (isMedia(part) ? PER_MEDIA : countTokens(partText(part))), 0);
}

function countToolTokens({ kind }: Generation['tools'][number]): number {
  if (kind.case === 'function') {
    return PER_MESSAGE + countTokens(kind.value.name + kind.value.description + kind.value.parametersJsonSchema);
  }
  if (kind.case === 'custom') {
    return PER_MESSAGE + countTokens(kind.value.name + kind.value.description + kind.value.formatJson);
  }
  return PER_MESSAGE;
}

function isMedia({ kind }: Part): boolean {
  return kind.case === 'image' || kind.case === 'audio' || kind.case === 'file';
}

/** What a part says, as text; empty for pictures and the like. */
export function partText({ kind }: Part): string {
  switch (kind.case) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return kind.value.text;
    case 'toolCall':
      return kind.value.name + (kind.value.input.value ?? '');
    case 'toolResult':
      return kind.value.parts.map(partText).join('');
    case 'raw':
      return kind.value.json;
    default:
      return '';
  }
}
