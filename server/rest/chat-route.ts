import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Decision } from '../../gen/sluice/v1/decision_pb.ts';
import { isJsonObject } from '../core/json.ts';
import type { ChatDoorCodec, ChatStreamEncoder, Frame, StreamStep } from '../dialects/dialect.ts';
import { toSluiceError } from '../errors/sluice-error.ts';
import { type ChatDeps, type ChatInput, chat } from '../pipeline/chat.ts';
import { mergeMetadata } from '../pipeline/merge-metadata.ts';
import { type CommittedStream, streamChat } from '../pipeline/stream-chat.ts';
import type { Logger } from '../telemetry/logger.ts';
import { decisionHeaders, decisionJson } from './decision-headers.ts';
import { readJsonObject } from './read-body.ts';
import { type ReadAddress, readEnvelope } from './read-envelope.ts';
import { headerMetadata, openRestCall, type RestDeps, restCaller, restControls, wantsDecision } from './rest-call.ts';
import { logFault, sendError } from './send-error.ts';
import { createSseResponse } from './sse-response.ts';

export interface ChatRouteDeps extends RestDeps, ChatDeps {
  readonly logger: Logger;
  readonly jsonDepth: number;
}

/** POST of a chat format: one door for all dialects that have a ChatDoorCodec. */
export function chatRoute(deps: ChatRouteDeps, codec: ChatDoorCodec, readAddress?: ReadAddress) {
  const encodeError = codec.encodeError;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const call = openRestCall(deps, reply);
    try {
      const decoded = codec.decodeRequest(
        readJsonObject(request.body, deps.jsonDepth),
        readEnvelope(request, codec, readAddress),
      );
      const withDecision = wantsDecision(request);
      const input: ChatInput = {
        call,
        caller: restCaller(request),
        operation: decoded.stream ? 'stream_chat' : 'chat',
        model: decoded.generation.model,
        metadata: mergeMetadata(decoded.metadata, headerMetadata(request)),
        controls: restControls(request),
        generation: decoded.generation,
        wire: decoded.wire,
      };
      if (!decoded.stream) {
        const answer = await chat(deps, input);
        const { decision } = answer.response;
        const body = codec.encodeResponse(answer);
        return reply
          .headers(decision === undefined ? {} : decisionHeaders(decision))
          .type('application/json')
          .send(withDecision && decision !== undefined ? addDecision(body, decision) : body);
      }
      const encoder = codec.createStreamEncoder({ includeUsage: decoded.includeUsage });
      await sendStream(deps, reply, { input, encoder, ...(withDecision && { decisionFrame: codec.decisionFrame }) });
      return reply;
    } catch (thrown) {
      return sendError(reply, thrown, { logger: deps.logger, encodeError });
    } finally {
      call.close();
    }
  };
}

interface Sending {
  readonly input: ChatInput;
  readonly encoder: ChatStreamEncoder;
  /** Where the caller wants the Decision within the stream. */
  readonly decisionFrame?: ChatDoorCodec['decisionFrame'];
}

/** Throws while the status has not gone out; afterwards a stream that breaks ends with an error in the client's format. */
async function sendStream(deps: ChatRouteDeps, reply: FastifyReply, sending: Sending): Promise<void> {
  const { input, encoder, decisionFrame } = sending;
  const sse = createSseResponse(reply, deps.clock);
  let batches: CommittedStream['batches'] | undefined;
  try {
    const stream = await streamChat(deps, input);
    batches = stream.batches;
    for await (const batch of batches) {
      if (!sse.opened) sse.open(decisionHeaders(stream.decision));
      await sse.write(batch.flatMap((step) => [...decisionFrames(step, decisionFrame), ...encoder.encode(step)]));
      // Leaving the loop settles the call and closes the connection to the provider.
      if (sse.gone) break;
    }
  } catch (thrown) {
    if (!sse.opened) throw thrown;
    const error = toSluiceError(thrown);
    logFault(deps.logger, error, reply);
    await sse.write(encoder.encodeError(error));
  } finally {
    // Settles the call where writing went wrong; the stream has begun to be read by then.
    await batches?.return();
    if (sse.opened) sse.end();
    else sse.abandon();
  }
}

function decisionFrames({ events }: StreamStep, decisionFrame: Sending['decisionFrame']): Frame[] {
  if (decisionFrame === undefined) return [];
  return events.flatMap((event) =>
    event.case === 'finish' && event.value.decision !== undefined
      ? [decisionFrame(event.value.decision, decisionJson(event.value.decision))]
      : [],
  );
}

function addDecision(body: string, decision: Decision): string {
  const json: unknown = JSON.parse(body);
  return isJsonObject(json) ? JSON.stringify({ ...json, sluice: decisionJson(decision) }) : body;
}
