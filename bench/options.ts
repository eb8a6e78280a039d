import { parseArgs } from 'node:util';

/** How much is measured, and for how long. */
export interface Options {
  readonly rounds: number;
  /** Of one measurement of cost. */
  readonly seconds: number;
  /** Of one piece of warming up, and the most pieces for each case. */
  readonly warmSeconds: number;
  readonly warmPieces: number;
  readonly latencySeconds: number;
  /** Of one measurement of a pair of codecs. */
  readonly codecMillis: number;
  /** Also a thousand open streams. */
  readonly long: boolean;
  /** A look whether all works; figures are rough and are not written down. */
  readonly quick: boolean;
}

const FULL = {
  rounds: 3,
  seconds: 1.5,
  warmSeconds: 1.5,
  warmPieces: 4,
  latencySeconds: 3,
  codecMillis: 150,
  quick: false,
};
const QUICK = {
  rounds: 1,
  seconds: 0.5,
  warmSeconds: 0.4,
  warmPieces: 1,
  latencySeconds: 1,
  codecMillis: 100,
  quick: true,
};

/** Reads the command line. Throws on words that it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean', default: false }, long: { type: 'boolean', default: false } },
  });
  return { ...(values.quick ? QUICK : FULL), long: values.long };
}
