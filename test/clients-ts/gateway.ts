import { once } from 'node:events';
import { createServer, type Server as Http1Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { type Code, ConnectError, type HandlerContext, type ServiceImpl } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { onTestFinished } from 'vitest';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '../../gen/google/rpc/error_details_pb.ts';
import { ChatService, type StreamChatResponseSchema } from '../../gen/sluice/v1/chat_service_pb.ts';
import { DecisionSchema } from '../../gen/sluice/v1/decision_pb.ts';
import { EmbeddingService } from '../../gen/sluice/v1/embedding_service_pb.ts';
import { ModelService } from '../../gen/sluice/v1/model_service_pb.ts';

/** What a gateway of a test answers; what is left out is unimplemented. */
export interface GatewayScript {
  readonly chat?: Partial<ServiceImpl<typeof ChatService>>;
  readonly embedding?: Partial<ServiceImpl<typeof EmbeddingService>>;
  readonly model?: Partial<ServiceImpl<typeof ModelService>>;
}

/** Starts a gateway on a free port for the length of the test. Answers its address. */
export async function startGateway(script: GatewayScript, httpVersion: '1.1' | '2' = '1.1'): Promise<string> {
  const handler = connectNodeAdapter({
    routes: (router) => {
      router.service(ChatService, script.chat ?? {});
      router.service(EmbeddingService, script.embedding ?? {});
      router.service(ModelService, script.model ?? {});
    },
  });
  return listen(httpVersion === '2' ? createHttp2Server(handler) : createServer(handler));
}

/** Has a server listen for the length of the test. Answers its address. */
export async function listen(server: Http1Server | Http2Server): Promise<string> {
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session: ServerHttp2Session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const session of sessions) session.destroy();
    if ('closeAllConnections' in server) server.closeAllConnections();
    await closed;
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address where nobody listens. */
export async function deadAddress(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

/** The details that the gateway can send with a failure. */
export interface RefusalDetails {
  readonly retryAfterMs?: number;
  readonly metadata?: Record<string, string>;
  readonly fields?: readonly { readonly field: string; readonly description: string }[];
  readonly decision?: MessageInitShape<typeof DecisionSchema>;
}

/** A failure as the gateway sends it. */
export function refusal(reason: string, code: Code, details: RefusalDetails = {}): ConnectError {
  const error = new ConnectError(`refused: ${reason}`, code, { 'x-request-id': 'req_header' });
  const { retryAfterMs, metadata = {}, fields, decision } = details;
  error.details.push({ desc: ErrorInfoSchema, value: { reason, domain: 'sluice.dev', metadata } });
  if (retryAfterMs !== undefined) {
    error.details.push({ desc: RetryInfoSchema, value: { retryDelay: durationFromMs(retryAfterMs) } });
  }
  if (fields !== undefined) error.details.push({ desc: BadRequestSchema, value: { fieldViolations: [...fields] } });
  if (decision !== undefined) error.details.push({ desc: DecisionSchema, value: create(DecisionSchema, decision) });
  return error;
}

/** Resolves when the server sees the call ended. */
export function aborted(context: HandlerContext): Promise<void> {
  return new Promise((resolve) => {
    if (context.signal.aborted) resolve();
    else context.signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

type StreamEvent = MessageInitShape<typeof StreamChatResponseSchema>;

/** The events of an answer of one text part, with so many deltas. */
export function textEvents(texts: readonly string[]): StreamEvent[] {
  return [
    { event: { case: 'start', value: { id: 'answer_1', model: 'm-1' } } },
    { event: { case: 'partStart', value: { part: { kind: { case: 'text', value: {} } } } } },
    ...texts.map(
      (text): StreamEvent => ({ event: { case: 'partDelta', value: { delta: { case: 'text', value: text } } } }),
    ),
    { event: { case: 'partEnd', value: {} } },
    {
      event: {
        case: 'finish',
        value: {
          choices: [{ choice: 0, reason: 1, rawReason: 'stop' }],
          usage: { inputTokens: 3, outputTokens: 0 },
          decision: { requestId: 'req_1', cost: { nanoUsd: 9_007_199_254_740_993n } },
        },
      },
    },
  ];
}
