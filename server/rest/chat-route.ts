import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Decision, Warning } from '../../gen/sluice/v1/decision_pb.ts';
import { isJsonObject } from '../core/json.ts';
import { parseJson } from '../core/parse-json.ts';
import { createStreamLosses, responseLosses, type StreamLosses } from '../dialects/answer-losses.ts';
import type { ChatDoorCodec, ChatStreamEncoder, Frame, StreamStep } from '../dialects/dialect.ts';
import { toSluiceError } from '../errors/sluice-error.ts';
import { type ChatDeps, type ChatInput, chat } from '../pipeline/chat.ts';
import { mergeMetadata } from '../pipeline/merge-metadata.ts';
import { type CommittedStream, streamChat } from '../pipeline/stream-chat.ts';
import type { Logger } from '../telemetry/logger.ts';
import { decisionHeaders, decisionJson, warningText } from './decision-headers.ts';
import { readJsonObject } from './read-body.ts';
import { type ReadAddress, readEnvelope } from './read-envelope.ts';
import { headerMetadata, openRestCall, type RestDeps, restCaller, restControls, wantsDecision } from './rest-call.ts';
import { logFault, sendError } from './send-error.ts';
import { type StreamFraming, serverSentEvents } from './stream-framing.ts';
import { createStreamResponse } from './stream-response.ts';

export interface ChatRouteDeps extends RestDeps, ChatDeps {
  readonly logger: Logger;
  readonly jsonDepth: number;
}

/** What a door has besides its format. */
export interface ChatAddress {
  readonly read?: ReadAddress;
  /** How its streams are written. Absent: as server-sent events. */
  readonly framing?: (request: FastifyRequest) => StreamFraming;
}

/** POST of a chat format: one door for all dialects that have a ChatDoorCodec. */
export function chatRoute(deps: ChatRouteDeps, codec: ChatDoorCodec, address: ChatAddress = {}) {
  const encodeError = codec.encodeError;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const call = openRestCall(deps, reply);
    try {
      const decoded = codec.decodeRequest(
        readJsonObject(request.body, deps.jsonDepth),
        readEnvelope(request, codec, address.read),
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
        const { decision: made } = answer.response;
        const decision = made && withWarnings(made, responseLosses(codec, answer));
        const body = codec.encodeResponse({ ...answer, asked: decoded.wire.json });
        return reply
          .headers(decision === undefined ? {} : decisionHeaders(decision))
          .type('application/json')
          .send(withDecision && decision !== undefined ? addDecision(body, decision) : body);
      }
      const encoder = codec.createStreamEncoder({ includeUsage: decoded.includeUsage, asked: decoded.wire.json });
      const framing = address.framing?.(request) ?? serverSentEvents;
      await sendStream(deps, reply, { input, encoder, codec, framing, withDecision });
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
  readonly codec: ChatDoorCodec;
  readonly framing: StreamFraming;
  /** Whether the caller wants the Decision within the stream. */
  readonly withDecision: boolean;
}

/** Throws while the status has not gone out; afterwards a stream that breaks ends with an error in the client's format. */
async function sendStream(deps: ChatRouteDeps, reply: FastifyReply, sending: Sending): Promise<void> {
  const { input, encoder, codec, framing, withDecision } = sending;
  const response = createStreamResponse(reply, { clock: deps.clock, framing });
  const losses = createStreamLosses(codec);
  let batches: CommittedStream['batches'] | undefined;
  try {
    const stream = await streamChat(deps, input);
    batches = stream.batches;
    for await (const batch of batches) {
      if (!response.opened) response.open(decisionHeaders(stream.decision));
      for (const step of batch) losses.note(step);
      // Headers have gone; those who asked for the Decision find the losses there.
      const untold = !withDecision && losses.warnings.length > 0 && batch.some(isLast);
      if (untold) response.comment(warningText(losses.warnings));
      const told = (step: StreamStep): Frame[] => (withDecision ? decisionFrames(step, codec, losses) : []);
      await response.write(batch.flatMap((step) => [...told(step), ...encoder.encode(step)]));
      // Leaving the loop settles the call and closes the connection to the provider.
      if (response.gone) break;
    }
  } catch (thrown) {
    if (!response.opened) throw thrown;
    const error = toSluiceError(thrown);
    logFault(deps.logger, error, reply);
    await response.write(encoder.encodeError(error));
  } finally {
    // Settles the call where writing went wrong; the stream has begun to be read by then.
    await batches?.return();
    if (response.opened) response.end();
    else response.abandon();
  }
}

const isLast = (step: StreamStep): boolean => step.events.some((event) => event.case === 'finish');

/** The Decision before the end of the stream, with what the answer lost on its way to the caller. */
function decisionFrames({ events }: StreamStep, codec: ChatDoorCodec, { warnings }: StreamLosses): Frame[] {
  return events.flatMap((event) => {
    if (event.case !== 'finish' || event.value.decision === undefined) return [];
    const decision = withWarnings(event.value.decision, warnings);
    return [codec.decisionFrame(decision, decisionJson(decision))];
  });
}

/** The Decision as this caller is told it: the record of the call stays as it is. */
function withWarnings(decision: Decision, warnings: readonly Warning[]): Decision {
  return warnings.length === 0 ? decision : { ...decision, warnings: [...decision.warnings, ...warnings] };
}

function addDecision(body: string, decision: Decision): string {
  const json = parseJson(body);
  return isJsonObject(json) ? JSON.stringify({ ...json, sluice: decisionJson(decision) }) : body;
}
