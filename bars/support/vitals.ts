/** What the gateway's process says of itself. */
export interface Vitals {
  /** Bytes, after a full collection. */
  readonly heapUsed: number;
  readonly liveCalls: number;
  /** Opened in the ledger and not settled. */
  readonly openCalls: number;
  readonly settled: number;
  /** Milliseconds since 1970; 0 before the first. */
  readonly lastSettledAtMs: number;
  /** Clients' sockets. */
  readonly connections: number;
  /** The longest time that the event loop was kept from a timer since the last question, in milliseconds. */
  readonly longestStallMs: number;
  /** Names that Object.prototype has and should not have. */
  readonly polluted: readonly string[];
}

/** What the gateway's process is told at its start, in its first message. */
export interface GatewayOrder {
  /** The text of sluice.yaml. */
  readonly config: string;
  readonly key: string;
  /** How many times faster than the machine's its clock goes. */
  readonly speed: number;
}

/** What it says when it listens. */
export interface GatewayReady {
  readonly port: number;
}
