/** One connection that carries one call at a time, as data: the load generator opens as many as it needs. */
export type LaneInit =
  | {
      readonly kind: 'http1';
      readonly port: number;
      /** The whole request with its head. */
      readonly request: Uint8Array;
      /** What must stand near the end of a good answer that comes in chunks. */
      readonly ending?: string;
    }
  | {
      readonly kind: 'grpc';
      readonly port: number;
      readonly path: string;
      readonly authorization: string;
      /** The message in its envelope. */
      readonly body: Uint8Array;
    };

/** What the load generator is asked to do. */
export type LoadTask =
  /** As many calls under way as there are connections, each followed by the next. */
  | { readonly kind: 'closed'; readonly lane: LaneInit; readonly connections: number; readonly seconds: number }
  /** Calls start at a fixed rate, whether or not earlier ones have ended. */
  | { readonly kind: 'open'; readonly lane: LaneInit; readonly rate: number; readonly seconds: number }
  /** Many paced streams at a time, each read to its end. */
  | { readonly kind: 'paced'; readonly lane: LaneInit; readonly streams: number };

export interface LoadResult {
  /** Calls that ended well. */
  readonly calls: number;
  readonly failed: number;
  /** How the first failed call looked. */
  readonly failure?: string;
  readonly seconds: number;
  /** Milliseconds from sending the request to the end of the answer; open loop only. */
  readonly p50?: number;
  readonly p99?: number;
  /** Events that arrived in time; paced streams only. */
  readonly inTime?: number;
}

/** Undefined: the call ended well. Otherwise what was wrong. */
export type CallEnd = (failure?: string) => void;

export interface Lane {
  /** Makes one call; there must be none under way. */
  call(end: CallEnd): void;
  close(): void;
}
