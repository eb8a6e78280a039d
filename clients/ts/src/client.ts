import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { Code, type Transport } from '@connectrpc/connect';
import { type Call, openCall } from './call.ts';
import { ChatStream } from './chat-stream.ts';
import { type ChatResponse, ChatService, type CountTokensResponse } from './gen/sluice/v1/chat_service_pb.ts';
import { EmbeddingService, type EmbedResponse } from './gen/sluice/v1/embedding_service_pb.ts';
import { type Model, ModelService } from './gen/sluice/v1/model_service_pb.ts';
import { type ModelList, modelList } from './model-list.ts';
import type { CallOptions, ClientOptions, GenerationOptions, ListModelsOptions } from './options.ts';
import {
  type EmbeddingRequest,
  type EmbedInput,
  embeddingRequest,
  type GenerationInput,
  type GenerationRequest,
  generationRequest,
} from './request-input.ts';
import { SluiceError } from './sluice-error.ts';
import { systemTiming, type Timing } from './timing.ts';
import { withRetries } from './with-retries.ts';

/** The gateway's API. Every call that fails throws a SluiceError. */
export interface SluiceClient {
  /** Answers a conversation in one piece. */
  chat(input: GenerationInput | GenerationRequest, options?: GenerationOptions): Promise<ChatResponse>;
  /** Answers a conversation piece by piece. The call begins when the stream is first read. */
  streamChat(input: GenerationInput | GenerationRequest, options?: GenerationOptions): ChatStream;
  /** Counts the tokens of a prompt without answering it. */
  countTokens(input: GenerationInput | GenerationRequest, options?: GenerationOptions): Promise<CountTokensResponse>;
  /** Makes a vector of each input. */
  embed(input: EmbedInput | EmbeddingRequest, options?: GenerationOptions): Promise<EmbedResponse>;
  /** Lists the models that the key may use, routes first. Timeout and retries count for each page. */
  listModels(options?: ListModelsOptions): ModelList;
  /** Gets one model by its name. */
  getModel(id: string, options?: CallOptions): Promise<Model>;
}

/** A client over any transport of connect-es that reaches a gateway: one of its own, or a router's in a test. */
export function clientOverTransport(
  transport: Transport,
  options: ClientOptions,
  timing: Timing = systemTiming,
): SluiceClient {
  const header = { authorization: `Bearer ${options.apiKey}` };

  function unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    callOptions: CallOptions,
  ): Promise<MessageShape<O>> {
    const call = openCall(timing, options, callOptions);
    return withRetries(call, {
      repeatable: method.idempotency !== MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN,
      run: async (timeoutMs) => (await transport.unary(method, call.signal, timeoutMs, header, request)).message,
    });
  }

  return {
    async chat(input, callOptions = {}) {
      return unary(ChatService.method.chat, generationRequest(input, callOptions, options.metadata), callOptions);
    },

    streamChat(input, callOptions = {}) {
      const request = generationRequest(input, callOptions, options.metadata);
      const source = {
        openCall: (signal: AbortSignal) => openCall(timing, options, { ...callOptions, signal }),
        async send({ signal }: Call, timeoutMs: number | undefined) {
          const method = ChatService.method.streamChat;
          const { message } = await transport.stream(method, signal, timeoutMs, header, once(request));
          return message[Symbol.asyncIterator]();
        },
      };
      return new ChatStream(source, callOptions.signal);
    },

    async countTokens(input, callOptions = {}) {
      return unary(
        ChatService.method.countTokens,
        generationRequest(input, callOptions, options.metadata),
        callOptions,
      );
    },

    async embed(input, callOptions = {}) {
      return unary(EmbeddingService.method.embed, embeddingRequest(input, callOptions, options.metadata), callOptions);
    },

    listModels(listOptions = {}) {
      const { pageSize = 0 } = listOptions;
      return modelList(async (pageToken) =>
        unary(ModelService.method.listModels, { pageSize, pageToken }, listOptions),
      );
    },

    async getModel(id, callOptions = {}) {
      const { model } = await unary(ModelService.method.getModel, { id }, callOptions);
      if (model !== undefined) return model;
      throw new SluiceError({ reason: 'UNKNOWN', code: Code.Internal, message: 'The answer holds no model.' });
    },
  };
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}
