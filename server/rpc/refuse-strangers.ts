import type { ConnectError, HandlerContext } from '@connectrpc/connect';
import { encodeEnvelope } from '@connectrpc/connect/protocol';
import {
  codeToHttpStatus,
  endStreamFlag,
  endStreamToJson,
  errorToJsonBytes,
} from '@connectrpc/connect/protocol-connect';
import { setTrailerStatus } from '@connectrpc/connect/protocol-grpc';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authenticate } from '../auth/authenticate.ts';
import { presentedKey } from '../auth/presented-key.ts';
import type { SnapshotHolder } from '../config/snapshot.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { toConnectError } from './connect-error.ts';
import { requestIdKey } from './request-id.ts';
import { callerKey, rpcCaller } from './rpc-call.ts';

export interface StrangerDeps {
  readonly config: SnapshotHolder;
}

/**
 * Turns callers without a key away before their body is read: decoding and validating what a stranger sends can cost more
 * than answering a friend. The pipeline authenticates again, with the snapshot that the call is pinned to.
 */
export function refuseStrangers(app: FastifyInstance, deps: StrangerDeps, paths: { readonly prefix: string }): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith(paths.prefix)) return;
    const key = presentedKey((name) => headerOf(request, name));
    const error = strangersError(deps, key, request.id);
    if (error !== undefined) await refuse(request, reply, error);
  });
}

/** The same for calls that do not come through Fastify. Throws the error. */
export function admitKnown(deps: StrangerDeps): (context: HandlerContext) => void {
  return (context) => {
    if (!context.service.typeName.startsWith('sluice.')) return;
    const { keySha256 } = rpcCaller(context);
    const error = strangersError(deps, keySha256, context.values.get(requestIdKey));
    if (error !== undefined) throw error;
    context.values.set(callerKey, keySha256);
  };
}

function strangersError(
  deps: StrangerDeps,
  keySha256: Buffer | undefined,
  requestId: string,
): ConnectError | undefined {
  try {
    authenticate(deps.config.current().keys, keySha256);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown;
    return toConnectError(thrown, requestId);
  }
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The error in the protocol that the content type names. */
function refuse(request: FastifyRequest, reply: FastifyReply, error: ConnectError): FastifyReply {
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/grpc')) {
    const status = new Headers();
    setTrailerStatus(status, error);
    return reply
      .code(200)
      .headers({ ...Object.fromEntries(status), 'content-type': type })
      .send();
  }
  if (type.startsWith('application/connect+')) {
    const end = Buffer.from(JSON.stringify(endStreamToJson(error.metadata, error, undefined)));
    return reply
      .code(200)
      .type(type)
      .send(Buffer.from(encodeEnvelope(endStreamFlag, end)));
  }
  return reply
    .code(codeToHttpStatus(error.code))
    .type('application/json')
    .send(Buffer.from(errorToJsonBytes(error, undefined)));
}
