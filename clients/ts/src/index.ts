import type { Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { clientOverTransport, type SluiceClient } from './client.ts';
import type { ClientOptions } from './options.ts';

export * from './exports.ts';

export interface NodeClientOptions extends ClientOptions {
  /** Where the gateway is, as in http://127.0.0.1:8080. */
  readonly baseUrl: string;
  /** Unset: 'connect'. */
  readonly protocol?: 'connect' | 'grpc' | 'grpc-web' | undefined;
  /**
   * Unset: '1.1', or '2' with gRPC, which needs it. HTTP/1.1 passes every proxy, a connection of its own keeps each
   * stream clear of the others, and Node's agent pools them. '2' carries all calls on one connection; without TLS it
   * is spoken from the first byte (h2c).
   */
  readonly httpVersion?: '1.1' | '2' | undefined;
}

/** A client for Node. Throws TypeError for gRPC over HTTP/1.1, which there is not. */
export function createSluiceClient(options: NodeClientOptions): SluiceClient {
  return clientOverTransport(nodeTransport(options), options);
}

function nodeTransport({ baseUrl, protocol = 'connect', httpVersion }: NodeClientOptions): Transport {
  switch (protocol) {
    case 'grpc':
      if (httpVersion === '1.1') throw new TypeError("protocol 'grpc' needs httpVersion '2'");
      return createGrpcTransport({ baseUrl });
    case 'grpc-web':
      return createGrpcWebTransport({ baseUrl, httpVersion: httpVersion ?? '1.1' });
    case 'connect':
      return createConnectTransport({ baseUrl, httpVersion: httpVersion ?? '1.1' });
  }
}
