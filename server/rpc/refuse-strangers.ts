import type { ConnectError, Interceptor } from '@connectrpc/connect';
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
import { authorize } from '../auth/method-roles.ts';
import { presentedKey } from '../auth/presented-key.ts';
import type { Principal } from '../auth/principal.ts';
import type { SnapshotHolder } from '../config/snapshot.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { toConnectError } from './connect-error.ts';
import { requestIdKey } from './request-id.ts';
import { type AskedRpc, callerKey, rpcCaller } from './rpc-call.ts';

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
    const error = refusal(deps, key, { requestId: request.id, check: () => {} });
    if (error !== undefined) await refuse(request, reply, error);
  });
}

/**
 * Lets a call of a method in whose caller may call it: by the method that was found, so that no spelling of a path can get
 * around it. Throws the error.
 */
export function admitKnown(deps: StrangerDeps): (asked: AskedRpc) => void {
  return (asked) => {
    const { name, parent } = asked.method;
    if (!parent.typeName.startsWith('sluice.')) return;
    const { keySha256 } = rpcCaller(asked);
    const method = `${parent.typeName}/${name}`;
    const error = refusal(deps, keySha256, {
      requestId: asked.values.get(requestIdKey),
      check: (principal) => authorize(principal, method),
    });
    if (error !== undefined) throw error;
    asked.values.set(callerKey, keySha256);
  };
}

/** The same for calls that the library's own adapter serves. */
export function admitting(admit: (asked: AskedRpc) => void): Interceptor {
  return (next) => (request) => {
    admit({ method: request.method, requestHeader: request.header, values: request.contextValues });
    return next(request);
  };
}

function refusal(
  deps: StrangerDeps,
  keySha256: Buffer | undefined,
  { requestId, check }: { readonly requestId: string; readonly check: (principal: Principal) => void },
): ConnectError | undefined {
  try {
    check(authenticate(deps.config.current().keys, keySha256));
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
