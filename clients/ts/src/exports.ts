export { Code } from '@connectrpc/connect';
export type { ChatEvent } from './answer-builder.ts';
export { answerText } from './answer-text.ts';
export type { ChatStream } from './chat-stream.ts';
export { clientOverTransport, type SluiceClient } from './client.ts';
export * from './gen/sluice/v1/chat_service_pb.ts';
export * from './gen/sluice/v1/content_pb.ts';
export * from './gen/sluice/v1/decision_pb.ts';
export { DrillFault } from './gen/sluice/v1/drill_pb.ts';
export * from './gen/sluice/v1/embedding_service_pb.ts';
export * from './gen/sluice/v1/error_pb.ts';
export * from './gen/sluice/v1/gateway_pb.ts';
export * from './gen/sluice/v1/generation_pb.ts';
export * from './gen/sluice/v1/metadata_pb.ts';
export * from './gen/sluice/v1/model_service_pb.ts';
export * from './gen/sluice/v1/tool_pb.ts';
export * from './gen/sluice/v1/usage_pb.ts';
export type { ModelList } from './model-list.ts';
export type {
  CallOptions,
  ClientOptions,
  GatewayControlsInit,
  GenerationOptions,
  ListModelsOptions,
  MetadataInit,
} from './options.ts';
export type {
  EmbeddingRequest,
  EmbedInput,
  GenerationInput,
  GenerationRequest,
  PlainMessage,
} from './request-input.ts';
export { type FieldViolation, SluiceError, type SluiceErrorReason } from './sluice-error.ts';
