import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { clientOverTransport, type SluiceClient } from './client.ts';
import type { ClientOptions } from './options.ts';

export * from './exports.ts';

export interface WebClientOptions extends ClientOptions {
  /** Where the gateway is. '/' where the page comes from the same place. */
  readonly baseUrl: string;
  /** Unset: 'connect'. */
  readonly protocol?: 'connect' | 'grpc-web' | undefined;
}

/** A client for browsers and other places with fetch. */
export function createSluiceClient(options: WebClientOptions): SluiceClient {
  const { baseUrl, protocol = 'connect' } = options;
  const createTransport = protocol === 'connect' ? createConnectTransport : createGrpcWebTransport;
  // Binary, because JSON names enum values and a name newer than this client would read as unset.
  return clientOverTransport(createTransport({ baseUrl, useBinaryFormat: true }), options);
}
