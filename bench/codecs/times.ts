import type { CodecPair } from './pairs.ts';

/** What a pair of formats took, beside the floor right before it: microseconds of CPU time for each chunk. */
export interface CodecTime extends CodecPair {
  readonly times: readonly { readonly floor: number; readonly codec: number }[];
}
