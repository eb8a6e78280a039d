import type { BenchCase } from './cases.ts';
import type { CodecTime } from './codecs/times.ts';

/** What one measurement of cost gave. */
export interface Sample {
  /** CPU time of the measured process for one unit of work. NaN where it cannot be known. */
  readonly micros: number;
  readonly unitsPerSecond: number;
}

/** The floor and the gateway, one right after the other. */
export interface Pair {
  readonly floor: Sample;
  readonly gateway: Sample;
}

export interface CaseResult {
  readonly case: BenchCase;
  readonly pairs: Pair[];
  /** Why the case could not be measured. */
  readonly failure?: string;
}

/** Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** The mock called directly, through the floor and through the gateway, one right after the other. */
export type LatencyRound = Readonly<Record<'direct' | 'floor' | 'gateway', Latency>>;

export interface PacedResult {
  readonly title: string;
  /** Of all events that were due, the share that arrived in time. */
  readonly inTimeShare: number;
  readonly failedStreams: number;
  readonly failure?: string;
  /** The most that was seen. */
  readonly megabytes: number;
}

/** One figure for the gateway and one for the node floor. */
export interface Both {
  readonly gateway: number;
  readonly floor: number;
}

export interface Results {
  readonly cases: readonly CaseResult[];
  readonly codecs: readonly CodecTime[];
  /** Samples of nginx, unary and streams; none where it is not installed. */
  readonly nginx: Readonly<Record<'unary' | 'stream', readonly Sample[]>>;
  /** Calls a second in the latency runs. */
  readonly rate: number;
  readonly latency: readonly LatencyRound[];
  /** Seconds from the start of the process to its first answer, one entry a round. */
  readonly starts: readonly Both[];
  /** Resident memory in MB. */
  readonly idle: Both;
  readonly loaded: Both;
  readonly paced: readonly PacedResult[];
}

/** The middle value; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
