import type { ProviderAuth } from '../config/snapshot.ts';

/** A request to a provider, ready for the wire. */
export interface UpstreamRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Names in lower case. Credentials are among them: never log this. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Lets the egress guard pass loopback and private addresses. */
  readonly allowPrivateAddress: boolean;
  /** Lets the egress guard pass the addresses where AWS gives credentials to machines and containers: for those alone. */
  readonly allowMetadataAddress?: boolean;
  /** Credentials that are made for the request; withAuthorization makes them. */
  readonly auth?: ProviderAuth | undefined;
}

/** A provider's answer once its headers have come. */
export interface UpstreamResponse {
  readonly status: number;
  /** Names in lower case; of repeated ones the first. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The body as it comes, decompressed, read once. A slow reader slows the provider. Leaving the loop early closes the
   * connection. A broken connection throws AttemptError INTERRUPTED; an abort of the signal throws its reason.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

/** The only way out: one HTTP request to a provider, through the egress guard, without redirects or proxies. */
export interface Upstream {
  /**
   * Resolves with the headers. Throws AttemptError EGRESS_DENIED, CONNECTION or TIMEOUT (timer connect), and for requests
   * with auth CREDENTIAL_REJECTED where no credential can be had; an abort of the signal, before or after the headers,
   * closes the connection at once and throws the signal's reason.
   */
  send(request: UpstreamRequest, options: UpstreamSendOptions): Promise<UpstreamResponse>;
  /** Closes all pools; open requests are cut. */
  close(): Promise<void>;
}

export interface UpstreamSendOptions {
  readonly signal: AbortSignal;
  readonly connectTimeoutMs: number;
}
