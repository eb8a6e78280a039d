import { anthropicMessagesDoor } from '../dialects/anthropic-messages/index.ts';
import type { ChatDoorCodec, EmbeddingDoorCodec, RequestEnvelope, TokenCountDoorCodec } from '../dialects/dialect.ts';
import { chatDoorCodec, embeddingDoorCodec } from '../dialects/registry.ts';
import type { SluiceError } from '../errors/sluice-error.ts';
import { BEDROCK_DOORS } from './bedrock-doors.ts';
import { CLOUD_DOORS } from './cloud-doors.ts';
import { GEMINI_DOORS } from './gemini-doors.ts';

/** What is answered at a path, and in which format. */
export type SimulatorDoor =
  | { readonly kind: 'chat'; readonly codec: ChatDoorCodec }
  | { readonly kind: 'embedding'; readonly codec: EmbeddingDoorCodec }
  | {
      readonly kind: 'token-count';
      readonly codec: TokenCountDoorCodec & { encodeError(error: SluiceError): string };
    };

/** A door with the paths that it answers. */
export interface DoorAt {
  readonly pattern: RegExp;
  readonly door: SimulatorDoor;
  /** What the path says of the request. */
  readonly address?: (match: RegExpExecArray) => RequestEnvelope;
}

/** The paths of all formats. */
const DOORS: readonly DoorAt[] = [
  { pattern: /^\/v1\/messages$/, door: { kind: 'chat', codec: anthropicMessagesDoor } },
  {
    pattern: /^\/v1\/messages\/count_tokens$/,
    door: {
      kind: 'token-count',
      codec: { ...anthropicMessagesDoor.tokenCount, encodeError: anthropicMessagesDoor.encodeError },
    },
  },
  { pattern: /^\/v1\/chat\/completions$/, door: { kind: 'chat', codec: chatDoorCodec('openai-chat') } },
  { pattern: /^\/v1\/responses$/, door: { kind: 'chat', codec: chatDoorCodec('openai-responses') } },
  { pattern: /^\/v1\/completions$/, door: { kind: 'chat', codec: chatDoorCodec('openai-completions') } },
  { pattern: /^\/v1\/embeddings$/, door: { kind: 'embedding', codec: embeddingDoorCodec('openai-embeddings') } },
  { pattern: /^\/v2\/chat$/, door: { kind: 'chat', codec: chatDoorCodec('cohere') } },
  { pattern: /^\/v2\/embed$/, door: { kind: 'embedding', codec: embeddingDoorCodec('cohere') } },
  ...BEDROCK_DOORS,
  ...CLOUD_DOORS,
  ...GEMINI_DOORS,
];

/** The door at a path, with what the path says; undefined where there is none. */
export function doorAt(path: string): { readonly door: SimulatorDoor; readonly address: RequestEnvelope } | undefined {
  for (const { pattern, door, address } of DOORS) {
    const match = pattern.exec(path);
    if (match !== null) return { door, address: address?.(match) ?? {} };
  }
  return undefined;
}

/** Errors outside of any door are in this format. */
export const PLAIN_ERROR_CODEC = chatDoorCodec('openai-chat');
