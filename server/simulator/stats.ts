import type { Clock } from '../core/clock.ts';

/** How many departures of clients are kept. */
const MAX_DEPARTURES = 10_000;

/** What the simulator sees at this moment, and what it has seen since it started. */
export interface StatsSnapshot {
  readonly requests: number;
  readonly openRequests: number;
  readonly openSockets: number;
  readonly acceptedSockets: number;
  /** Answers that wait because their client reads too slowly. */
  readonly pausedAnswers: number;
  /** Clients that left before their answer was whole. Times are in milliseconds since 1970; of very many, the last. */
  readonly clientsGone: readonly { readonly requestNumber: number; readonly atMs: number }[];
}

export interface Stats {
  snapshot(): StatsSnapshot;
  socketOpened(): void;
  socketClosed(): void;
  /** Gives the request its number, from 1. */
  requestOpened(): number;
  requestClosed(): void;
  clientGone(requestNumber: number): void;
  countPaused(change: 1 | -1): void;
  /** Resolves when no request is open. */
  idle(): Promise<void>;
}

export function createStats(clock: Clock): Stats {
  const counts = { requests: 0, openRequests: 0, openSockets: 0, acceptedSockets: 0, pausedAnswers: 0 };
  const clientsGone: { requestNumber: number; atMs: number }[] = [];
  let waiting: (() => void)[] = [];
  return {
    snapshot: () => ({ ...counts, clientsGone: [...clientsGone] }),
    socketOpened() {
      counts.openSockets += 1;
      counts.acceptedSockets += 1;
    },
    socketClosed() {
      counts.openSockets -= 1;
    },
    requestOpened() {
      counts.openRequests += 1;
      counts.requests += 1;
      return counts.requests;
    },
    requestClosed() {
      counts.openRequests -= 1;
      if (counts.openRequests > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    clientGone(requestNumber) {
      clientsGone.push({ requestNumber, atMs: clock.now() });
      if (clientsGone.length > MAX_DEPARTURES) clientsGone.shift();
    },
    countPaused(change) {
      counts.pausedAnswers += change;
    },
    idle: () => (counts.openRequests === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
