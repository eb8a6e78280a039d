import { type ConnectRouter, createContextValues, type Interceptor } from '@connectrpc/connect';
import { fastifyConnectPlugin } from '@connectrpc/connect-fastify';
import type { FastifyInstance } from 'fastify';
import { requestIdKey } from './request-id.ts';

export interface ConnectSetUp {
  /** Registers the services. */
  readonly routes: (router: ConnectRouter) => void;
  /** Outermost first. */
  readonly interceptors: readonly Interceptor[];
  /** The largest message that is read, decompressed; larger ones are RESOURCE_EXHAUSTED. */
  readonly readMaxBytes: number;
  readonly writeMaxBytes: number;
  /** The longest deadline that a caller can ask for. */
  readonly maxTimeoutMs: number;
}

/** Serves Connect, gRPC and gRPC-Web. gRPC and bidirectional streams need HTTP/2. */
export async function registerConnect(app: FastifyInstance, setUp: ConnectSetUp): Promise<void> {
  await app.register(fastifyConnectPlugin, {
    ...setUp,
    interceptors: [...setUp.interceptors],
    contextValues: (request) => createContextValues().set(requestIdKey, request.id),
  });
}
