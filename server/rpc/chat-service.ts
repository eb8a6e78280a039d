import { create } from '@bufbuild/protobuf';
import type { HandlerContext, ServiceImpl } from '@connectrpc/connect';
import {
  type ChatRequest,
  type ChatService,
  type CountTokensRequest,
  type StreamChatRequest,
  type StreamChatResponse,
  StreamChatResponseSchema,
} from '../../gen/sluice/v1/chat_service_pb.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { Operation } from '../limits/call-ledger.ts';
import { type ChatDeps, type ChatInput, chat } from '../pipeline/chat.ts';
import { countTokens } from '../pipeline/count-tokens.ts';
import type { LiveCall } from '../pipeline/live-call.ts';
import { streamChat } from '../pipeline/stream-chat.ts';
import { callControls, openRpcCall, type RpcDeps, rpcCaller, rpcError } from './rpc-call.ts';

export type ChatServiceDeps = RpcDeps & ChatDeps;

export function chatService(deps: ChatServiceDeps): ServiceImpl<typeof ChatService> {
  return {
    async chat(request, context) {
      const call = openRpcCall(deps, context);
      try {
        return (await chat(deps, chatInput(request, context, { call, operation: 'chat' }))).response;
      } catch (thrown) {
        throw rpcError(deps, context, thrown);
      } finally {
        call.close();
      }
    },

    async *streamChat(request, context) {
      const call = openRpcCall(deps, context);
      try {
        yield* messages(await streamChat(deps, chatInput(request, context, { call, operation: 'stream_chat' })));
      } catch (thrown) {
        throw rpcError(deps, context, thrown);
      } finally {
        call.close();
      }
    },

    async countTokens(request, context) {
      const call = openRpcCall(deps, context);
      try {
        return (await countTokens(deps, chatInput(request, context, { call, operation: 'count_tokens' }))).response;
      } catch (thrown) {
        throw rpcError(deps, context, thrown);
      } finally {
        call.close();
      }
    },
  };
}

async function* messages({ batches }: Awaited<ReturnType<typeof streamChat>>): AsyncGenerator<StreamChatResponse> {
  for await (const batch of batches) {
    for (const step of batch) {
      for (const event of step.events) yield create(StreamChatResponseSchema, { event });
    }
  }
}

function chatInput(
  request: ChatRequest | StreamChatRequest | CountTokensRequest,
  context: HandlerContext,
  { call, operation }: { readonly call: LiveCall; readonly operation: Operation },
): ChatInput {
  // Validation has seen to it that there is one.
  if (request.generation === undefined) throw new SluiceError('INVALID_REQUEST', 'generation is required');
  return {
    call,
    caller: rpcCaller(context),
    operation,
    model: request.generation.model,
    metadata: request.metadata,
    controls: callControls(request.gateway),
    generation: request.generation,
  };
}
