import { parseContentType as parseConnect } from '@connectrpc/connect/protocol-connect';
import { parseContentType as parseGrpc } from '@connectrpc/connect/protocol-grpc';
import { parseContentType as parseGrpcWeb } from '@connectrpc/connect/protocol-grpc-web';
import { CONNECT_STREAM, type EnvelopedProtocol, GRPC, GRPC_WEB } from './enveloped-protocol.ts';

/** Protocol and format of a call. */
export interface CallKind {
  /** Undefined for Connect's unary protocol, which has no envelopes. */
  readonly protocol: EnvelopedProtocol | undefined;
  readonly binary: boolean;
}

/** More spellings than clients have. Beyond, each is looked at again. */
const REMEMBERED = 100;

const seen = new Map<string, CallKind | undefined>();

/** What a content type says; undefined where it says nothing that is served here. */
export function callKind(contentType: string): CallKind | undefined {
  if (seen.has(contentType)) return seen.get(contentType);
  const kind = parse(contentType);
  if (seen.size < REMEMBERED) seen.set(contentType, kind);
  return kind;
}

function parse(contentType: string): CallKind | undefined {
  const connect = parseConnect(contentType);
  if (connect !== undefined) return { protocol: connect.stream ? CONNECT_STREAM : undefined, binary: connect.binary };
  const grpc = parseGrpc(contentType);
  if (grpc !== undefined) return { protocol: GRPC, binary: grpc.binary };
  const web = parseGrpcWeb(contentType);
  return web === undefined || web.text ? undefined : { protocol: GRPC_WEB, binary: web.binary };
}
