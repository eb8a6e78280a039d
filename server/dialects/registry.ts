import { anthropicMessagesDoor, anthropicMessagesProvider } from './anthropic-messages/index.ts';
import { bedrockConverseDoor, bedrockConverseProvider } from './bedrock-converse/index.ts';
import { cohereDoor, cohereEmbeddingsDoor, cohereEmbeddingsProvider, cohereProvider } from './cohere/index.ts';
import type {
  ChatDoorCodec,
  ChatProviderCodec,
  DialectName,
  EmbeddingDoorCodec,
  EmbeddingProviderCodec,
} from './dialect.ts';
import {
  geminiBatchEmbedDoor,
  geminiDoor,
  geminiEmbedDoor,
  geminiEmbeddingProvider,
  geminiProvider,
} from './gemini/index.ts';
import { openAiChatDoor, openAiChatProvider } from './openai-chat/index.ts';
import { openAiCompletionsDoor, openAiCompletionsProvider } from './openai-completions/index.ts';
import { openAiEmbeddingsDoor, openAiEmbeddingsProvider } from './openai-embeddings/index.ts';
import { openAiResponsesDoor, openAiResponsesProvider } from './openai-responses/index.ts';

/** What each format can do as a provider's; a format that lacks an API has no such member. */
interface ProviderCodecs {
  readonly chat?: ChatProviderCodec;
  readonly embeddings?: EmbeddingProviderCodec;
}

const PROVIDERS: Readonly<Partial<Record<DialectName, ProviderCodecs>>> = {
  'anthropic-messages': { chat: anthropicMessagesProvider },
  'bedrock-converse': { chat: bedrockConverseProvider },
  cohere: { chat: cohereProvider, embeddings: cohereEmbeddingsProvider },
  gemini: { chat: geminiProvider, embeddings: geminiEmbeddingProvider },
  'openai-chat': { chat: openAiChatProvider },
  'openai-responses': { chat: openAiResponsesProvider },
  'openai-completions': { chat: openAiCompletionsProvider },
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
export type ChatDoorName =
  | 'anthropic-messages'
  | 'bedrock-converse'
  | 'cohere'
  | 'gemini'
  | 'openai-chat'
  | 'openai-completions'
  | 'openai-responses';
/** Formats that a door offers for embeddings. */
export type EmbeddingDoorName = 'cohere' | 'gemini-batch-embed' | 'gemini-embed' | 'openai-embeddings';

const CHAT_DOORS: Readonly<Record<ChatDoorName, ChatDoorCodec>> = {
  'anthropic-messages': anthropicMessagesDoor,
  'bedrock-converse': bedrockConverseDoor,
  cohere: cohereDoor,
  gemini: geminiDoor,
  'openai-chat': openAiChatDoor,
  'openai-completions': openAiCompletionsDoor,
  'openai-responses': openAiResponsesDoor,
};
const EMBEDDING_DOORS: Readonly<Record<EmbeddingDoorName, EmbeddingDoorCodec>> = {
  cohere: cohereEmbeddingsDoor,
  'gemini-batch-embed': geminiBatchEmbedDoor,
  'gemini-embed': geminiEmbedDoor,
  'openai-embeddings': openAiEmbeddingsDoor,
};

export function chatDoorCodec(dialect: ChatDoorName): ChatDoorCodec {
  return CHAT_DOORS[dialect];
}

export function embeddingDoorCodec(dialect: EmbeddingDoorName): EmbeddingDoorCodec {
  return EMBEDDING_DOORS[dialect];
}
