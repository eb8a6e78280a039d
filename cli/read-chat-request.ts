import { create, fromJson } from '@bufbuild/protobuf';
import { type ChatRequest, ChatRequestSchema } from '../gen/sluice/v1/chat_service_pb.ts';
import { isJsonObject, type JsonObject } from '../server/core/json.ts';
import { parseJson } from '../server/core/parse-json.ts';
import { decodeRequest } from '../server/dialects/openai-chat/request.ts';
import { CommandError } from './command.ts';

/** A call as a file holds it. */
export interface FiledCall {
  readonly request: ChatRequest;
  readonly stream: boolean;
}

/**
 * The text of a request: what POST /v1/chat/completions takes, or ProtoJSON of sluice.v1.ChatRequest, which has a member
 * "generation". Throws CommandError.
 */
export function readChatRequest(file: string, text: string): FiledCall {
  try {
    const json = parseJson(text);
    if (!isJsonObject(json)) throw new Error('it is no object of JSON');
    return 'generation' in json
      ? { request: fromJson(ChatRequestSchema, JSON.parse(text)), stream: false }
      : fromOpenAi(json);
  } catch (error) {
    throw new CommandError(`${file} is no request: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fromOpenAi(json: JsonObject): FiledCall {
  const { generation, metadata, stream } = decodeRequest(json);
  return { request: create(ChatRequestSchema, { generation, ...(metadata !== undefined && { metadata }) }), stream };
}
