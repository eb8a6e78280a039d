import type { FastifyReply, FastifyRequest } from 'fastify';
import { UsageSource } from '../../gen/sluice/v1/usage_pb.ts';
import type { ChatDoorCodec, TokenCountDoorCodec } from '../dialects/dialect.ts';
import { countTokens } from '../pipeline/count-tokens.ts';
import { mergeMetadata } from '../pipeline/merge-metadata.ts';
import type { ChatRouteDeps } from './chat-route.ts';
import { decisionHeaders } from './decision-headers.ts';
import { readJsonObject } from './read-body.ts';
import { type ReadAddress, readEnvelope } from './read-envelope.ts';
import { headerMetadata, openRestCall, restCaller, restControls } from './rest-call.ts';
import { sendError } from './send-error.ts';

/** A chat format with a counter of tokens. */
export type CountingDoor = Pick<ChatDoorCodec, 'encodeError' | 'headerNames'> & {
  readonly tokenCount: TokenCountDoorCodec;
};

/** POST of a format's counter of tokens. */
export function countTokensRoute(deps: ChatRouteDeps, codec: CountingDoor, readAddress?: ReadAddress) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const call = openRestCall(deps, reply);
    try {
      const decoded = codec.tokenCount.decodeRequest(
        readJsonObject(request.body, deps.jsonDepth),
        readEnvelope(request, codec, readAddress),
      );
      const { response, wire } = await countTokens(deps, {
        call,
        caller: restCaller(request),
        operation: 'count_tokens',
        model: decoded.generation.model,
        metadata: mergeMetadata(decoded.metadata, headerMetadata(request)),
        controls: restControls(request),
        generation: decoded.generation,
        wire: decoded.wire,
      });
      const { decision, inputTokens, source } = response;
      return (
        reply
          .headers(decision === undefined ? {} : decisionHeaders(decision))
          // The formats' bodies have no place for it.
          .header('x-sluice-usage-source', source === UsageSource.ESTIMATE ? 'estimate' : 'provider')
          .type('application/json')
          .send(codec.tokenCount.encodeResponse({ inputTokens, ...(wire !== undefined && { wire }) }))
      );
    } catch (thrown) {
      return sendError(reply, thrown, { logger: deps.logger, encodeError: codec.encodeError });
    } finally {
      call.close();
    }
  };
}
