import type {
  ChatDoorCodec,
  ChatProviderCodec,
  DialectName,
  EmbeddingDoorCodec,
  EmbeddingProviderCodec,
} from './dialect.ts';
import { openAiChatDoor, openAiChatProvider } from './openai-chat/index.ts';
import { openAiEmbeddingsDoor, openAiEmbeddingsProvider } from './openai-embeddings/index.ts';

/** What each format can do as a provider's; a format that lacks an API has no such member. */
interface ProviderCodecs {
  readonly chat?: ChatProviderCodec;
  readonly embeddings?: EmbeddingProviderCodec;
}

const PROVIDERS: Readonly<Partial<Record<DialectName, ProviderCodecs>>> = {
  'openai-chat': { chat: openAiChatProvider },
  'openai-embeddings': { embeddings: openAiEmbeddingsProvider },
};

/** How a chat provider of that format is called; undefined where the format has no chat. */
export function chatProviderCodec(dialect: DialectName): ChatProviderCodec | undefined {
  return PROVIDERS[dialect]?.chat;
}

/** How an embedding provider of that format is called; undefined where there is none. */
export function embeddingProviderCodec(dialect: DialectName | undefined): EmbeddingProviderCodec | undefined {
  return dialect === undefined ? undefined : PROVIDERS[dialect]?.embeddings;
}

/** Formats that a door offers for chat. */
export type ChatDoorName = 'openai-chat';
/** Formats that a door offers for embeddings. */
export type EmbeddingDoorName = 'openai-embeddings';

const CHAT_DOORS: Readonly<Record<ChatDoorName, ChatDoorCodec>> = { 'openai-chat': openAiChatDoor };
const EMBEDDING_DOORS: Readonly<Record<EmbeddingDoorName, EmbeddingDoorCodec>> = {
  'openai-embeddings': openAiEmbeddingsDoor,
};

export function chatDoorCodec(dialect: ChatDoorName): ChatDoorCodec {
  return CHAT_DOORS[dialect];
}

export function embeddingDoorCodec(dialect: EmbeddingDoorName): EmbeddingDoorCodec {
  return EMBEDDING_DOORS[dialect];
}
