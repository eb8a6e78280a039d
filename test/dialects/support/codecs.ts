/** The codecs under test, in one place: every file here judges them by the interfaces of dialect.ts alone. */
export { openAiChatDoor as door, openAiChatProvider as provider } from '../../../server/dialects/openai-chat/index.ts';
export {
  openAiEmbeddingsDoor as embeddingDoor,
  openAiEmbeddingsProvider as embeddingProvider,
} from '../../../server/dialects/openai-embeddings/index.ts';
