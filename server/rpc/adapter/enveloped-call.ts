import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import type { ConnectError } from '@connectrpc/connect';
import {
  type Compression,
  compressionNegotiate,
  type EnvelopedMessage,
  envelopeCompress,
  envelopeDecompress,
} from '@connectrpc/connect/protocol';
import { type CallOptions, COMPRESS_MIN_BYTES, COMPRESSIONS, callError, single } from './call-options.ts';
import { CallView } from './call-view.ts';
import type { EnvelopedProtocol } from './enveloped-protocol.ts';
import type { Exchange } from './exchange.ts';
import { Outbox } from './outbox.ts';
import { readBody } from './read-body.ts';
import type { RpcMethod } from './rpc-method.ts';
import { SingleEnvelope } from './single-envelope.ts';

export interface EnvelopedCall {
  readonly method: RpcMethod;
  readonly binary: boolean;
  readonly protocol: EnvelopedProtocol;
}

/** gRPC, gRPC-Web and Connect's streams: one envelope in, any number out, and an end that tells how it went. */
export async function serveEnveloped(exchange: Exchange, call: EnvelopedCall, options: CallOptions): Promise<void> {
  const { method, binary, protocol } = call;
  const { headers } = exchange;
  const timeout = protocol.parseTimeout(single(headers[protocol.timeoutHeader]), options.maxTimeoutMs);
  const compression = compressionNegotiate(
    COMPRESSIONS,
    single(headers[protocol.encodingHeader]),
    single(headers[protocol.acceptEncodingHeader]),
    protocol.acceptEncodingHeader,
  );
  const context = new CallView(exchange, options.clock, {
    method: method.desc,
    protocolName: protocol.name,
    contentType: binary ? protocol.contentType.proto : protocol.contentType.json,
    timeoutMs: timeout.timeoutMs,
  });
  if (compression.response !== null) context.responseHeader.set(protocol.encodingHeader, compression.response.name);
  const outbox = new Outbox(exchange, context.responseHeader);
  let error: ConnectError | undefined;
  try {
    options.admit(context);
    if (compression.error !== undefined) throw compression.error;
    if (timeout.error !== undefined) throw timeout.error;
    const input = await readInput(exchange, call, { compression: compression.request, options });
    options.check(method.desc.input, input, context.requestId);
    const { spec } = method;
    const pack = packer(method, binary, compression.response);
    if (spec.kind === 'unary') outbox.put(await pack(await spec.impl(input, context)));
    else {
      for await (const output of spec.impl(input, context)) {
        if (!exchange.writable) break;
        const packed = pack(output);
        // Not awaited without need: messages that are there at the same time are to stay together.
        if (outbox.put(packed instanceof Promise ? await packed : packed)) await outbox.room();
      }
    }
  } catch (thrown) {
    error = callError(thrown);
  }
  context.close();
  const end = protocol.end(context, method, error);
  if ('envelope' in end) outbox.put(await envelopeCompress(end.envelope, compression.response, COMPRESS_MIN_BYTES));
  outbox.end('trailers' in end ? end.trailers : undefined);
}

/** From what a handler gives to what is sent. */
function packer(
  { desc, formats }: RpcMethod,
  binary: boolean,
  compression: Compression | null,
): (output: MessageInitShape<DescMessage>) => EnvelopedMessage | Promise<EnvelopedMessage> {
  const format = formats.getO(binary);
  return (output) => {
    const envelope = { flags: 0, data: format.serialize(create(desc.output, output)) };
    if (compression === null || envelope.data.length < COMPRESS_MIN_BYTES) return envelope;
    return envelopeCompress(envelope, compression, COMPRESS_MIN_BYTES);
  };
}

async function readInput(
  exchange: Exchange,
  { method, binary, protocol }: EnvelopedCall,
  { compression, options }: { readonly compression: Compression | null; readonly options: CallOptions },
) {
  const envelope = await readBody(exchange, new SingleEnvelope(options.readMaxBytes, protocol.endFlag));
  const { data } = await envelopeDecompress(envelope, compression, options.readMaxBytes);
  return method.formats.getI(binary).parse(data);
}
