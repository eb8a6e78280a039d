import { parseArgs } from 'node:util';
import { CHUNKS_PER_BURST } from '../sizes.ts';
import { CODEC_PAIRS, type CodecPair } from './pairs.ts';
import { piecesOf, recode, reencode } from './recode.ts';
import type { CodecTime } from './times.ts';

// Measures the codecs alone, in this process: node bench/codecs/main.ts --rounds 5 --millis 150. Prints JSON, an array of
// CodecTimes. --pair and a number measures one pair only, for a profiler.

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    millis: { type: 'string', default: '150' },
    pair: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const millis = Number(values.millis);
const pairs = CODEC_PAIRS.filter((_pair, at) => values.pair === undefined || at === Number(values.pair));

/** Compiling for speed has to happen on the same core. */
const WARM_MILLIS = 200;

/** Microseconds of CPU time for each chunk, all threads of this process, collection of garbage included. */
function microsPerChunk(run: () => number, forMillis: number): number {
  const begun = performance.now();
  const before = process.cpuUsage();
  let bursts = 0;
  for (; performance.now() - begun < forMillis; bursts += 1) if (run() === 0) throw new Error('Nothing was written.');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (bursts * CHUNKS_PER_BURST);
}

function timesOf(pair: CodecPair): { readonly floor: () => number; readonly codec: () => number } {
  const pieces = piecesOf(pair.from);
  return { floor: () => reencode(pieces), codec: () => recode(pieces, pair) };
}

const runs = pairs.map((pair) => ({ pair, ...timesOf(pair), times: [] as CodecTime['times'][number][] }));
// All of them first: code that has seen one format only is faster than it is in a gateway of many.
for (let turn = 0; turn < 2; turn += 1) {
  for (const { floor, codec } of runs) {
    microsPerChunk(floor, WARM_MILLIS);
    microsPerChunk(codec, 2 * WARM_MILLIS);
  }
}
for (let round = 0; round < rounds; round += 1) {
  for (const { floor, codec, times } of runs) {
    times.push({ floor: microsPerChunk(floor, millis), codec: microsPerChunk(codec, millis) });
  }
}
const told: CodecTime[] = runs.map(({ pair, times }) => ({ ...pair, times }));
console.log(JSON.stringify(told));
