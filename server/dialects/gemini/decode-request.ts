import { create } from '@bufbuild/protobuf';
import { MetadataSchema } from '../../../gen/sluice/v1/metadata_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { DecodedChatRequest, RequestEnvelope } from '../dialect.ts';
import { newGeneration } from '../new-generation.ts';
import { optionalString, type Place, wrongField } from '../read-fields.ts';
import { decodeConfig } from './decode-config.ts';
import { decodeMessages } from './decode-contents.ts';
import { decodeToolChoice, decodeTools } from './decode-tools.ts';
import { protoMembers } from './proto-members.ts';
import { DIALECT } from './wire.ts';

/**
 * The body of POST …/models/{model}:generateContent; model and kind of answer stand in the URL. Throws SluiceError
 * INVALID_REQUEST with param where a member that the format knows has a wrong shape; null is as absent. Members that it
 * does not know pass, in wire. https://ai.google.dev/api/generate-content
 */
export function decodeRequest(json: JsonObject, envelope: RequestEnvelope = {}): DecodedChatRequest {
  const body = protoMembers({ json, path: '' });
  const model = envelope.model ?? '';
  if (model === '') throw wrongField('model', 'a model in the URL', undefined);
  return {
    generation: newGeneration({
      model,
      messages: decodeMessages(body),
      tools: decodeTools(body),
      toolChoice: decodeToolChoice(body),
      serviceTier: serviceTier(body),
      ...decodeConfig(body),
    }),
    metadata: create(MetadataSchema),
    stream: envelope.stream ?? false,
    includeUsage: true,
    wire: { dialect: DIALECT, json },
  };
}

/** "standard" is what other formats call default. */
function serviceTier(body: Place): string | undefined {
  const word = optionalString(body, 'serviceTier')?.toLowerCase();
  return word === 'standard' ? 'default' : word;
}
