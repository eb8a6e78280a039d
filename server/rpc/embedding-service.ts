import type { ServiceImpl } from '@connectrpc/connect';
import type { EmbeddingService } from '../../gen/sluice/v1/embedding_service_pb.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { type EmbedDeps, embed } from '../pipeline/embed.ts';
import { callControls, openRpcCall, type RpcDeps, rpcCaller, rpcError } from './rpc-call.ts';

export function embeddingService(deps: RpcDeps & EmbedDeps): ServiceImpl<typeof EmbeddingService> {
  return {
    async embed(request, context) {
      const call = openRpcCall(deps, context);
      try {
        // Validation has seen to it that there is one.
        if (request.embedding === undefined) throw new SluiceError('INVALID_REQUEST', 'embedding is required');
        const answer = await embed(deps, {
          call,
          caller: rpcCaller(context),
          operation: 'embed',
          model: request.embedding.model,
          metadata: request.metadata,
          controls: callControls(request.gateway),
          embedding: request.embedding,
        });
        return answer.response;
      } catch (thrown) {
        throw rpcError(deps, context, thrown);
      } finally {
        call.close();
      }
    },
  };
}
