/** How large the benchmark's answers and loads are. Those who answer and those who count must agree on them. */

/** Content events in one burst; a finish event, one with usage and [DONE] follow. */
export const CHUNKS_PER_BURST = 200;
/** Content events in one paced stream: ten seconds. */
export const PACED_EVENTS = 200;
export const PACED_INTERVAL_MS = 50;
/** A paced event is in time when it arrives this soon after the provider wrote it. */
export const IN_TIME_MS = 100;
export const OPEN_STREAMS = 1000;

/** Calls under way at a time in closed loops. */
export const UNARY_CONNECTIONS = 16;
export const STREAM_CONNECTIONS = 8;

/** Calls a second in the latency runs, where the machine can. */
export const LATENCY_RATE = 1000;
