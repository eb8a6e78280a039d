import type { Part } from '../../gen/sluice/v1/content_pb.ts';
import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';

/** Bytes of English text in a token, about, over the tokenizers of the big providers. */
const BYTES_PER_TOKEN = 4;
/** Tokens that a message costs besides its text: role and separators. */
const TOKENS_PER_MESSAGE = 4;
/** Tokens of a picture or document whose size is unknown. */
const TOKENS_PER_MEDIA = 1000;

/** About how many tokens a prompt has, without a tokenizer: good for a first idea, not for a bill. */
export function estimateInputTokens(generation: Generation): number {
  let bytes = 0;
  let extra = 0;
  for (const message of generation.messages) {
    extra += TOKENS_PER_MESSAGE;
    for (const part of message.parts) {
      bytes += textBytes(part);
      if (isMedia(part)) extra += TOKENS_PER_MEDIA;
    }
  }
  for (const tool of generation.tools) {
    extra += TOKENS_PER_MESSAGE;
    if (tool.kind.case === 'function') {
      bytes += byteLength(tool.kind.value.name + tool.kind.value.description + tool.kind.value.parametersJsonSchema);
    }
  }
  return Math.ceil(bytes / BYTES_PER_TOKEN) + extra;
}

function isMedia(part: Part): boolean {
  return part.kind.case === 'image' || part.kind.case === 'audio' || part.kind.case === 'file';
}

function textBytes(part: Part): number {
  switch (part.kind.case) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return byteLength(part.kind.value.text);
    case 'toolCall':
      return byteLength(part.kind.value.name + (part.kind.value.input.value ?? ''));
    case 'toolResult':
      return part.kind.value.parts.reduce((sum, inner) => sum + textBytes(inner), 0);
    case 'raw':
      return byteLength(part.kind.value.json);
    default:
      return 0;
  }
}

function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
