import { anthropicMessagesDoor } from '../dialects/anthropic-messages/index.ts';
import type { ChatDoorCodec, RequestEnvelope } from '../dialects/dialect.ts';
import { chatDoorCodec, embeddingDoorCodec } from '../dialects/registry.ts';
import type { DoorAt } from './doors.ts';

/** Claude on Vertex AI: the model stands in the path and not in the body. */
const claudeOnVertex: ChatDoorCodec = {
  ...anthropicMessagesDoor,
  decodeRequest: (body, envelope) =>
    anthropicMessagesDoor.decodeRequest(
      envelope?.model === undefined ? body : { ...body, model: envelope.model },
      envelope,
    ),
};

const chat = { kind: 'chat', codec: chatDoorCodec('openai-chat') } as const;
const embedding = { kind: 'embedding', codec: embeddingDoorCodec('openai-embeddings') } as const;
const claude = { kind: 'chat', codec: claudeOnVertex } as const;

const VERTEX_CLAUDE = '^/v1/projects/[^/]+/locations/[^/]+/publishers/anthropic/models/';

function modelOf([, segment = '']: RegExpExecArray): RequestEnvelope {
  try {
    return { model: decodeURIComponent(segment) };
  } catch {
    return { model: segment };
  }
}

/** The paths at which clouds offer the formats of others: Azure OpenAI's, with and without a version, and Vertex AI's. */
export const CLOUD_DOORS: readonly DoorAt[] = [
  { pattern: /^\/openai\/(?:v1|deployments\/[^/]+)\/chat\/completions$/, door: chat },
  { pattern: /^\/openai\/(?:v1|deployments\/[^/]+)\/embeddings$/, door: embedding },
  { pattern: /^\/openai\/(?:v1\/)?responses$/, door: { kind: 'chat', codec: chatDoorCodec('openai-responses') } },
  {
    pattern: new RegExp(`${VERTEX_CLAUDE}count-tokens:rawPredict$`),
    door: {
      kind: 'token-count',
      codec: { ...anthropicMessagesDoor.tokenCount, encodeError: anthropicMessagesDoor.encodeError },
    },
  },
  { pattern: new RegExp(`${VERTEX_CLAUDE}([^/]+):(?:streamR|r)awPredict$`), door: claude, address: modelOf },
];
