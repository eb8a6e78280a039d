import type {
  ChatDoorCodec,
  ChatProviderCodec,
  DialectName,
  EmbeddingDoorCodec,
  EmbeddingProviderCodec,
} from './dialect.ts';
import { openAiChatDoor, openAiChatProvider } from './lead/openai-chat/index.ts';
import { openAiEmbeddingsDoor, openAiEmbeddingsProvider } from './lead/openai-embeddings/index.ts';

/** What each format can do; a format that lacks a side has no such member. */
interface DialectCodecs {
  readonly chatProvider?: ChatProviderCodec;
  readonly embeddingProvider?: EmbeddingProviderCodec;
}

/** Exhaustive: a new name does not compile without its codecs. */
const CODECS: Readonly<Record<DialectName, DialectCodecs>> = {
  'openai-chat': { chatProvider: openAiChatProvider },
  'openai-embeddings': { embeddingProvider: openAiEmbeddingsProvider },
};

/** How a chat provider of that format is called; undefined where the format has no chat. */
export function chatProviderCodec(dialect: DialectName): ChatProviderCodec | undefined {
  return CODECS[dialect].chatProvider;
}

/** How an embedding provider of that format is called; undefined where there is none. */
export function embeddingProviderCodec(dialect: DialectName | undefined): EmbeddingProviderCodec | undefined {
  return dialect === undefined ? undefined : CODECS[dialect].embeddingProvider;
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
