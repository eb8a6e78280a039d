import { create } from '@bufbuild/protobuf';
import { base64Decode } from '@bufbuild/protobuf/wire';
import { type Compression, compressionNegotiate, mergeNonProtocolHeaders } from '@connectrpc/connect/protocol';
import {
  codeToHttpStatus,
  contentTypeUnaryJson,
  contentTypeUnaryProto,
  errorToJsonBytes,
  parseTimeout,
} from '@connectrpc/connect/protocol-connect';
import { type CallOptions, COMPRESS_MIN_BYTES, COMPRESSIONS, callError, single } from './call-options.ts';
import { CallView } from './call-view.ts';
import type { Exchange } from './exchange.ts';
import { readBody } from './read-body.ts';
import type { RpcMethod } from './rpc-method.ts';
import { WholeBody } from './whole-body.ts';

/** A call as it came: its method, one of two formats, and the query where it came with GET. */
export interface UnaryCall {
  readonly method: RpcMethod;
  readonly binary: boolean;
  readonly query: URLSearchParams | undefined;
}

/**
 * Connect's unary protocol: message in, message out, both bare bodies; errors are JSON with a status of HTTP.
 * https://connectrpc.com/docs/protocol#unary-request
 */
export async function serveConnectUnary(exchange: Exchange, call: UnaryCall, options: CallOptions): Promise<void> {
  const { headers } = exchange;
  const { method, binary, query } = call;
  const timeout = parseTimeout(single(headers['connect-timeout-ms']), options.maxTimeoutMs);
  const compression = compressionNegotiate(
    COMPRESSIONS,
    query === undefined ? single(headers['content-encoding']) : query.get('compression'),
    single(headers['accept-encoding']),
    'accept-encoding',
  );
  const context = new CallView(exchange, options.clock, {
    method: method.desc,
    protocolName: 'connect',
    contentType: binary ? contentTypeUnaryProto : contentTypeUnaryJson,
    timeoutMs: timeout.timeoutMs,
  });
  let status = 200;
  let body: Uint8Array;
  try {
    options.admit(context);
    if (compression.error !== undefined) throw compression.error;
    if (timeout.error !== undefined) throw timeout.error;
    const bytes = await readMessage(exchange, query, { compression: compression.request, options });
    const input = method.formats.getI(binary).parse(bytes);
    options.check(method.desc.input, input, context.requestId);
    body = method.formats.getO(binary).serialize(await invoke(method, input, context));
  } catch (thrown) {
    const error = callError(thrown);
    status = codeToHttpStatus(error.code);
    body = errorToJsonBytes(error, method.jsonOptions);
    context.responseHeader.set('content-type', contentTypeUnaryJson);
    mergeNonProtocolHeaders(context.responseHeader, error.metadata);
  }
  context.close();
  if (compression.response !== null && body.length >= COMPRESS_MIN_BYTES) {
    body = await compression.response.compress(body);
    context.responseHeader.set('content-encoding', compression.response.name);
  }
  context.responseTrailer.forEach((value, name) => {
    context.responseHeader.append(`trailer-${name}`, value);
  });
  context.responseHeader.set('content-length', String(body.length));
  exchange.answer(status, context.responseHeader, body);
}

async function readMessage(
  exchange: Exchange,
  query: URLSearchParams | undefined,
  { compression, options }: { readonly compression: Compression | null; readonly options: CallOptions },
): Promise<Uint8Array> {
  const { readMaxBytes } = options;
  const bytes =
    query === undefined
      ? await readBody(exchange, new WholeBody(readMaxBytes, exchange.headers['content-length']))
      : queryMessage(query);
  return compression === null ? bytes : compression.decompress(bytes as Uint8Array<ArrayBuffer>, readMaxBytes);
}

/** https://connectrpc.com/docs/protocol#unary-get-request */
function queryMessage(query: URLSearchParams): Uint8Array {
  const message = query.get('message') ?? '';
  return query.get('base64') === '1' ? base64Decode(message) : new TextEncoder().encode(message);
}

async function invoke({ spec, desc }: RpcMethod, input: object, context: CallView) {
  if (spec.kind !== 'unary') throw new Error(`${desc.name} is not unary`);
  return create(desc.output, await spec.impl(input as Parameters<typeof spec.impl>[0], context));
}
