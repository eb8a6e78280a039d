import {
  connectJsonCall,
  connectProtobufCall,
  connectStreamCall,
  grpcCall,
  grpcStreamCall,
  restCall,
} from './calls.ts';
import type { Floor } from './floors/node-floor.ts';
import type { LaneInit } from './load/task.ts';
import { CHUNKS_PER_BURST, STREAM_CONNECTIONS, UNARY_CONNECTIONS } from './sizes.ts';

/** One way to call the gateway, and what it may cost. */
export interface BenchCase {
  readonly id: string;
  readonly title: string;
  readonly floor: Floor;
  /** The most that one unit of work may cost, as a multiple of the floor. */
  readonly target: number;
  call(gatewayPort: number): LaneInit;
}

/** What one call of a case against a floor consists of, and under how much load it is measured. */
export const WORK: Readonly<Record<Floor, { unit: 'call' | 'chunk'; perCall: number; connections: number }>> = {
  unary: { unit: 'call', perCall: 1, connections: UNARY_CONNECTIONS },
  stream: { unit: 'chunk', perCall: CHUNKS_PER_BURST, connections: STREAM_CONNECTIONS },
};

export const CASES: readonly BenchCase[] = [
  { id: 'rest', title: 'REST unary', floor: 'unary', target: 1.6, call: (port) => restCall(port, 'unary') },
  { id: 'connect', title: 'Connect unary, protobuf', floor: 'unary', target: 1.8, call: connectProtobufCall },
  { id: 'connect-json', title: 'Connect unary, JSON', floor: 'unary', target: 1.8, call: connectJsonCall },
  { id: 'grpc', title: 'gRPC unary', floor: 'unary', target: 2.5, call: grpcCall },
  { id: 'rest-stream', title: 'REST stream', floor: 'stream', target: 1.3, call: (port) => restCall(port, 'burst') },
  { id: 'connect-stream', title: 'Connect stream', floor: 'stream', target: 1.3, call: connectStreamCall },
  { id: 'grpc-stream', title: 'gRPC stream', floor: 'stream', target: 1.3, call: grpcStreamCall },
];

/** The other targets. */
export const TARGETS = {
  /** Added latency, as a multiple of the floor's. */
  addedP50: 1.5,
  addedP99: 2,
  /** Translating an event, as a multiple of parsing it and writing it again. */
  codec: 1.3,
  startSeconds: 1.5,
  idleMegabytes: 120,
  pacedMegabytes: 400,
} as const;
