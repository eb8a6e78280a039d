import type { ConnectError } from '@connectrpc/connect';
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
    try {
      authenticate(
        deps.config.current().keys,
        presentedKey((name) => headerOf(request, name)),
      );
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) throw thrown;
      await refuse(request, reply, toConnectError(thrown, request.id));
    }
  });
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
