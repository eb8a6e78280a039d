import http from 'node:http';
import { type CallKind, callKind } from './call-kind.ts';
import type { CallOptions } from './call-options.ts';
import { serveConnectUnary } from './connect-unary.ts';
import { serveEnveloped } from './enveloped-call.ts';
import { GRPC } from './enveloped-protocol.ts';
import type { Exchange, Request, Response } from './exchange.ts';
import { Http1Exchange } from './http1-exchange.ts';
import { Http2Exchange } from './http2-exchange.ts';
import type { RpcMethod } from './rpc-method.ts';

/** Serves a request, and says so; false, and it is untouched, where it is none that is served here. */
export type RpcListener = (request: Request, response: Response) => boolean;

/**
 * Serves methods that take one message, over Connect, gRPC and gRPC-Web, with one layer between HTTP and the handler.
 * What is rare is left to the library's adapter: other kinds of methods, the text formats of gRPC-Web, gRPC over
 * HTTP/1.1, and all that is refused before a protocol is known, as with 405 and 415.
 */
export function createRpcListener(methods: readonly RpcMethod[], options: CallOptions): RpcListener {
  const byPath = new Map(methods.map((method) => [method.path, method]));
  return (request, response) => {
    const { url = '' } = request;
    const mark = url.indexOf('?');
    const method = byPath.get(mark < 0 ? url : url.slice(0, mark));
    if (method === undefined) return false;
    const query = request.method === 'GET' ? new URLSearchParams(url.slice(mark)) : undefined;
    const kind = query === undefined ? postKind(request, method) : getKind(query, method);
    if (kind === undefined) return false;
    serve(exchangeOf(request, response), { method, kind, query }, options).catch((fault: unknown) => {
      // Cut, so that the caller does not wait for ever; whoever listens for unhandled rejections tells of it.
      response.destroy();
      throw fault;
    });
    return true;
  };
}

interface Called {
  readonly method: RpcMethod;
  readonly kind: CallKind;
  readonly query: URLSearchParams | undefined;
}

function serve(
  exchange: Exchange,
  { method, kind: { protocol, binary }, query }: Called,
  options: CallOptions,
): Promise<void> {
  return protocol === undefined
    ? serveConnectUnary(exchange, { method, binary, query }, options)
    : serveEnveloped(exchange, { method, binary, protocol }, options);
}

/** Connect's GET: https://connectrpc.com/docs/protocol#unary-get-request */
function getKind(query: URLSearchParams, { safe, spec }: RpcMethod): CallKind | undefined {
  const encoding = query.get('encoding');
  if (!safe || spec.kind !== 'unary' || (encoding !== 'proto' && encoding !== 'json')) return undefined;
  return { protocol: undefined, binary: encoding === 'proto' };
}

function postKind(request: Request, method: RpcMethod): CallKind | undefined {
  const kind = request.method === 'POST' ? callKind(request.headers['content-type'] ?? '') : undefined;
  return kind !== undefined && fits(kind, method, request) ? kind : undefined;
}

function fits({ protocol }: CallKind, { spec }: RpcMethod, request: Request): boolean {
  if (protocol === undefined) return spec.kind === 'unary';
  if (protocol.name === 'connect') return spec.kind === 'server_streaming';
  return protocol !== GRPC || request.httpVersionMajor === 2;
}

function exchangeOf(request: Request, response: Response): Exchange {
  return request instanceof http.IncomingMessage
    ? new Http1Exchange(request, response as http.ServerResponse)
    : new Http2Exchange(request, response as Exclude<Response, http.ServerResponse>);
}
