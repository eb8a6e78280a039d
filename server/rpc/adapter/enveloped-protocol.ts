import type { ConnectError } from '@connectrpc/connect';
import type { EnvelopedMessage } from '@connectrpc/connect/protocol';
import * as connect from '@connectrpc/connect/protocol-connect';
import * as grpc from '@connectrpc/connect/protocol-grpc';
import * as grpcWeb from '@connectrpc/connect/protocol-grpc-web';
import type { CallView } from './call-view.ts';
import type { RpcMethod } from './rpc-method.ts';

/** How a call ends: with an envelope of its own, or with trailers of HTTP. */
type CallEnd = { readonly envelope: EnvelopedMessage } | { readonly trailers: Headers };

/** What differs between the protocols whose messages travel in envelopes. */
export interface EnvelopedProtocol {
  readonly name: 'connect' | 'grpc' | 'grpc-web';
  readonly timeoutHeader: string;
  readonly encodingHeader: string;
  readonly acceptEncodingHeader: string;
  readonly contentType: { readonly proto: string; readonly json: string };
  /** Marks envelopes that are no messages; 0 where there are none. */
  readonly endFlag: number;
  parseTimeout(value: string | null, maxTimeoutMs: number): { timeoutMs?: number; error?: ConnectError | undefined };
  end(context: CallView, method: RpcMethod, error: ConnectError | undefined): CallEnd;
}

/** https://connectrpc.com/docs/protocol#streaming-rpcs */
export const CONNECT_STREAM: EnvelopedProtocol = {
  name: 'connect',
  timeoutHeader: 'connect-timeout-ms',
  encodingHeader: 'connect-content-encoding',
  acceptEncodingHeader: 'connect-accept-encoding',
  contentType: { proto: connect.contentTypeStreamProto, json: connect.contentTypeStreamJson },
  endFlag: connect.endStreamFlag,
  parseTimeout: connect.parseTimeout,
  end({ responseTrailer }, { jsonOptions }, error) {
    const text = JSON.stringify(connect.endStreamToJson(responseTrailer, error, jsonOptions));
    return { envelope: { flags: connect.endStreamFlag, data: new TextEncoder().encode(text) } };
  },
};

const GRPC_HEADERS = {
  timeoutHeader: 'grpc-timeout',
  encodingHeader: 'grpc-encoding',
  acceptEncodingHeader: 'grpc-accept-encoding',
} as const;

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
export const GRPC: EnvelopedProtocol = {
  name: 'grpc',
  ...GRPC_HEADERS,
  contentType: { proto: grpc.contentTypeProto, json: grpc.contentTypeJson },
  endFlag: 0,
  parseTimeout: grpc.parseTimeout,
  end: ({ responseTrailer }, _method, error) => ({ trailers: grpc.setTrailerStatus(responseTrailer, error) }),
};

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md */
export const GRPC_WEB: EnvelopedProtocol = {
  name: 'grpc-web',
  ...GRPC_HEADERS,
  contentType: { proto: grpcWeb.contentTypeProto, json: grpcWeb.contentTypeJson },
  endFlag: grpcWeb.trailerFlag,
  parseTimeout: grpcWeb.parseTimeout,
  end({ responseTrailer }, _method, error) {
    const data = grpcWeb.trailerSerialize(grpcWeb.setTrailerStatus(responseTrailer, error));
    return { envelope: { flags: grpcWeb.trailerFlag, data } };
  },
};
