import type { ChatDoorCodec, EmbeddingDoorCodec } from '../dialects/dialect.ts';
import { chatDoorCodec, embeddingDoorCodec } from '../dialects/registry.ts';

/** What is answered at a path, and in which format. */
export type SimulatorDoor =
  | { readonly kind: 'chat'; readonly codec: ChatDoorCodec }
  | { readonly kind: 'embedding'; readonly codec: EmbeddingDoorCodec };

/** The paths of all formats. */
export const DOORS: ReadonlyMap<string, SimulatorDoor> = new Map<string, SimulatorDoor>([
  ['/v1/chat/completions', { kind: 'chat', codec: chatDoorCodec('openai-chat') }],
  ['/v1/embeddings', { kind: 'embedding', codec: embeddingDoorCodec('openai-embeddings') }],
]);

/** Errors outside of any door are in this format. */
export const PLAIN_ERROR_CODEC = chatDoorCodec('openai-chat');
