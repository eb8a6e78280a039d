import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EmbeddingDoorCodec } from '../dialects/dialect.ts';
import { type EmbedDeps, embed } from '../pipeline/embed.ts';
import { mergeMetadata } from '../pipeline/merge-metadata.ts';
import type { Logger } from '../telemetry/logger.ts';
import { decisionHeaders } from './decision-headers.ts';
import { readJsonObject } from './read-body.ts';
import { type ReadAddress, readEnvelope } from './read-envelope.ts';
import { headerMetadata, openRestCall, type RestDeps, restCaller, restControls } from './rest-call.ts';
import { sendError } from './send-error.ts';

export interface EmbeddingsRouteDeps extends RestDeps, EmbedDeps {
  readonly logger: Logger;
  readonly jsonDepth: number;
}

/** POST of an embedding format. */
export function embeddingsRoute(deps: EmbeddingsRouteDeps, codec: EmbeddingDoorCodec, readAddress?: ReadAddress) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const call = openRestCall(deps, reply);
    try {
      const decoded = codec.decodeRequest(
        readJsonObject(request.body, deps.jsonDepth),
        readEnvelope(request, {}, readAddress),
      );
      const answer = await embed(deps, {
        call,
        caller: restCaller(request),
        operation: 'embed',
        model: decoded.embedding.model,
        metadata: mergeMetadata(decoded.metadata, headerMetadata(request)),
        controls: restControls(request),
        embedding: decoded.embedding,
        wire: decoded.wire,
      });
      const { decision } = answer.response;
      return reply
        .headers(decision === undefined ? {} : decisionHeaders(decision))
        .type('application/json')
        .send(codec.encodeResponse(answer, { encoding: decoded.encoding }));
    } catch (thrown) {
      return sendError(reply, thrown, { logger: deps.logger, encodeError: codec.encodeError });
    } finally {
      call.close();
    }
  };
}
