import { create, type MessageInitShape, merge } from '@bufbuild/protobuf';
import { type MessageSchema, Role } from './gen/sluice/v1/content_pb.ts';
import type { EmbeddingInputSchema, EmbeddingSchema } from './gen/sluice/v1/embedding_service_pb.ts';
import type { GenerationSchema } from './gen/sluice/v1/generation_pb.ts';
import { type Metadata, MetadataSchema } from './gen/sluice/v1/metadata_pb.ts';
import type { GatewayControlsInit, GenerationOptions, MetadataInit } from './options.ts';

type GenerationInit = MessageInitShape<typeof GenerationSchema>;
type MessageInit = MessageInitShape<typeof MessageSchema>;
type EmbeddingInit = MessageInitShape<typeof EmbeddingSchema>;
type EmbeddingInputInit = MessageInitShape<typeof EmbeddingInputSchema>;

/** A turn of plain text. */
export interface PlainMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant';
  readonly content: string;
}

/** What is asked of a model: sluice.v1.Generation. Messages may be plain; a text alone is one turn of the user's. */
export type GenerationInput = Omit<GenerationInit, 'messages' | '$typeName' | '$unknown'> & {
  messages: string | readonly (PlainMessage | MessageInit)[];
};

/** What is asked of an embedding model: sluice.v1.Embedding. The inputs may be plain texts. */
export type EmbedInput = Omit<EmbeddingInit, 'inputs' | '$typeName' | '$unknown'> & {
  inputs: string | readonly (string | EmbeddingInputInit)[];
};

/** A whole request, as in sluice.v1.ChatRequest: its metadata and controls give way to those of the call's options. */
export interface GenerationRequest {
  generation?: GenerationInput | undefined;
  metadata?: MetadataInit | undefined;
  gateway?: GatewayControlsInit | undefined;
}

/** A whole request, as in sluice.v1.EmbedRequest. */
export interface EmbeddingRequest {
  embedding?: EmbedInput | undefined;
  metadata?: MetadataInit | undefined;
  gateway?: GatewayControlsInit | undefined;
}

const ROLES: Readonly<Record<PlainMessage['role'], Role>> = {
  system: Role.SYSTEM,
  developer: Role.DEVELOPER,
  user: Role.USER,
  assistant: Role.ASSISTANT,
};

/** The fields that all requests to models share. */
interface Envelope {
  readonly metadata: Metadata | undefined;
  readonly gateway: GatewayControlsInit | undefined;
}

/** The request of a chat, a streamed chat or a count of tokens; their messages have the same fields. */
export function generationRequest(
  input: GenerationInput | GenerationRequest,
  options: GenerationOptions,
  metadata: MetadataInit | undefined,
): Envelope & { readonly generation: GenerationInit | undefined } {
  const request: GenerationRequest = 'messages' in input ? { generation: input } : input;
  const { generation } = request;
  return {
    generation: generation && { ...generation, messages: messageInits(generation.messages) },
    ...envelope(request, options, metadata),
  };
}

/** The request for vectors. */
export function embeddingRequest(
  input: EmbedInput | EmbeddingRequest,
  options: GenerationOptions,
  metadata: MetadataInit | undefined,
): Envelope & { readonly embedding: EmbeddingInit | undefined } {
  const request: EmbeddingRequest = 'inputs' in input ? { embedding: input } : input;
  const { embedding } = request;
  return {
    embedding: embedding && { ...embedding, inputs: embeddingInputInits(embedding.inputs) },
    ...envelope(request, options, metadata),
  };
}

function envelope(
  request: GenerationRequest | EmbeddingRequest,
  options: GenerationOptions,
  metadata: MetadataInit | undefined,
): Envelope {
  return {
    metadata: mergeMetadata([metadata, request.metadata, options.metadata]),
    gateway: options.gateway ?? request.gateway,
  };
}

/** Later ones win, by Protobuf's own rule: what is empty does not count, labels are merged one by one. */
function mergeMetadata(layers: readonly (MetadataInit | undefined)[]): Metadata | undefined {
  const given = layers.filter((layer) => layer !== undefined);
  if (given.length === 0) return undefined;
  const merged = create(MetadataSchema);
  for (const layer of given) merge(MetadataSchema, merged, create(MetadataSchema, layer));
  return merged;
}

function messageInits(messages: GenerationInput['messages']): MessageInit[] {
  const turns = typeof messages === 'string' ? [{ role: 'user', content: messages } as const] : messages;
  return turns.map((turn) => ('content' in turn ? textMessage(turn) : turn));
}

function textMessage({ role, content }: PlainMessage): MessageInit {
  return { role: ROLES[role], parts: [{ kind: { case: 'text', value: { text: content } } }] };
}

function embeddingInputInits(inputs: EmbedInput['inputs']): EmbeddingInputInit[] {
  const items = typeof inputs === 'string' ? [inputs] : inputs;
  return items.map((item) => (typeof item === 'string' ? { content: { case: 'text', value: item } } : item));
}
