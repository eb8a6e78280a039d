import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GatewayControlsSchema } from './gen/sluice/v1/gateway_pb.ts';
import type { MetadataSchema } from './gen/sluice/v1/metadata_pb.ts';

/** Who and what a call is for: sluice.v1.Metadata, or the plain object for it. */
export type MetadataInit = MessageInitShape<typeof MetadataSchema>;

/** What is asked of the gateway itself: sluice.v1.GatewayControls, or the plain object for it. */
export type GatewayControlsInit = MessageInitShape<typeof GatewayControlsSchema>;

/** How each call is made unless its own options say otherwise. */
export interface CallDefaults {
  /**
   * The most time for a call, its retries included, in milliseconds up to 2147483647. It travels as the protocol's
   * deadline, so that the gateway stops too. 0 or unset: none of the client's; the route's limit still holds.
   */
  readonly timeoutMs?: number | undefined;
  /** The most times that the client sends a failed call again. Unset: 2. */
  readonly maxRetries?: number | undefined;
}

export interface ClientOptions extends CallDefaults {
  /** The key, sk-sluice-…. */
  readonly apiKey: string;
  /** Goes with every call; what a call gives itself wins, field by field and label by label. */
  readonly metadata?: MetadataInit | undefined;
}

export interface CallOptions extends CallDefaults {
  /** Cancels the call, here and at the gateway. */
  readonly signal?: AbortSignal | undefined;
}

export interface GenerationOptions extends CallOptions {
  /** Who and what the call is for. */
  readonly metadata?: MetadataInit | undefined;
  /** What is asked of the gateway. */
  readonly gateway?: GatewayControlsInit | undefined;
}

export interface ListModelsOptions extends CallOptions {
  /** The most models on a page, up to 250. Unset: 50. */
  readonly pageSize?: number | undefined;
}
