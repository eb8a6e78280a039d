import type { DescService } from '@bufbuild/protobuf';
import { createContextValues, type ServiceImpl } from '@connectrpc/connect';
import { fastifyConnectPlugin } from '@connectrpc/connect-fastify';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../core/clock.ts';
import { createRpcListener, type RpcListener } from './adapter/rpc-listener.ts';
import { type FormatOptions, type MessageLimits, type Registration, rpcMethods } from './adapter/rpc-method.ts';
import { checkedMessages } from './checked-messages.ts';
import { admitting } from './refuse-strangers.ts';
import { requestIdKey } from './request-id.ts';
import type { AskedRpc } from './rpc-call.ts';
import type { RequestCheck } from './validate-requests.ts';

/** Takes services with what answers their calls. */
export interface ServiceRegistry {
  service<Desc extends DescService>(
    service: Desc,
    implementation: Partial<ServiceImpl<Desc>>,
    options?: Partial<FormatOptions>,
  ): void;
}

export interface ConnectSetUp extends MessageLimits {
  /** Registers the services. */
  readonly routes: (registry: ServiceRegistry) => void;
  readonly clock: Clock;
  /** Throws a ConnectError where the caller must not call. Asked before the body is read, but of what Fastify serves after. */
  readonly admit: (asked: AskedRpc) => void;
  /** Looks at every request message before a handler sees it. */
  readonly check: RequestCheck;
  /** The longest deadline that a caller can ask for. */
  readonly maxTimeoutMs: number;
}

/**
 * Serves Connect, gRPC and gRPC-Web. gRPC and bidirectional streams need HTTP/2. Gives back the fast way to what most
 * calls want, to be asked before Fastify; Fastify gets a way to all of it.
 */
export async function registerConnect(app: FastifyInstance, setUp: ConnectSetUp): Promise<RpcListener> {
  const { routes, admit, check, readMaxBytes, writeMaxBytes, maxTimeoutMs } = setUp;
  const limits = { readMaxBytes, writeMaxBytes, maxTimeoutMs };
  const registrations: Registration[] = [];
  routes({
    service(service, implementation, options = {}) {
      registrations.push({ service, implementation, options });
    },
  });
  await app.register(fastifyConnectPlugin, {
    ...limits,
    interceptors: [admitting(admit), checkedMessages(check)],
    contextValues: (request) => createContextValues().set(requestIdKey, request.id),
    routes(router) {
      for (const one of registrations) router.service(one.service, one.implementation, one.options);
    },
  });
  const methods = registrations.flatMap((one) => rpcMethods(one, setUp));
  return createRpcListener(methods, setUp);
}
